import type { Plan } from '../model/plan.ts';
import type { Sampler } from '../sampler/client.ts';
import type { Health } from '../sampler/health.ts';
import type { LastResort } from '../sampler/last-resort.ts';
import type { Approvals } from './approvals.ts';
import type { Clock } from './clock.ts';
import type { Emit } from './event-log.ts';
import type { Guardian } from './guardian/guardian.ts';
import type { InForce } from './injection/in-force.ts';
import type { Isolations } from './instruments/isolations.ts';
import type { Links } from './instruments/links.ts';
import type { Queues } from './instruments/queues.ts';
import type { Resolvers } from './instruments/resolvers.ts';
import type { Journal } from './journal/journal.ts';
import type { Supervisor } from './supervisor/supervisor.ts';

/** What every part of one run shares. */
export interface Context {
  run: string;
  plan: Plan;
  clock: Clock;
  emit: Emit;
  journal: Journal;
  /** A private folder that is removed when the run is over. */
  scratch: string;
  guardian: Guardian;
  /** How the sampler ends this run when it does not hear. */
  lastResort: LastResort;
  /** The process that asks the probes. */
  sampler(): Promise<Sampler>;
  health: Health;
  links: Links;
  queues: Queues;
  resolvers: Resolvers;
  /** The network namespaces of processes. */
  isolations: Isolations;
  /** The program that puts a load on the machine. */
  stressEntry: string;
  supervisors: Map<string, Supervisor>;
  inForce: InForce;
  approvals: Approvals;
  /** Aborted when the run is to end before its time; the reason is a `RunAborted`. */
  aborted: AbortSignal;
  /** A defect of ours: the run ends, everything is undone, and then it is thrown. */
  failed(defect: unknown): void;
  /** Somebody, or nobody who should have, decided that the run ends. */
  abort(reason: string): void;
  /** A bound that the author set was broken: told as a safeguard, then aborted. */
  trip(message: string, path: string): void;
}
