import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { bootId } from '../host/boot.ts';
import { marked } from '../host/mark.ts';
import { identify } from '../host/processes.ts';
import { hideSecrets, secretsIn } from '../host/secrets.ts';
import type { Control } from '../model/control.ts';
import { formatDuration, milliseconds, timerMs } from '../model/duration.ts';
import type { HostFacts, Outcome, Phase, Sample } from '../model/event.ts';
import type { Undo } from '../model/operation.ts';
import type { Place } from '../model/place.ts';
import type { Plan, PlannedStep } from '../model/plan.ts';
import type { Seen } from '../model/residue.ts';
import { type Sampler, startSampler } from '../sampler/client.ts';
import { Health } from '../sampler/health.ts';
import { type Answer, Approvals } from './approvals.ts';
import { claimsOf, rivalOf } from './claims.ts';
import { RealClock } from './clock.ts';
import type { Context } from './context.ts';
import { deadlineOf } from './deadline.ts';
import { EventLog, type Listener } from './event-log.ts';
import { Guardian } from './guardian/guardian.ts';
import { InForce } from './injection/in-force.ts';
import { Isolations } from './instruments/isolations.ts';
import { Links } from './instruments/links.ts';
import { Queues } from './instruments/queues.ts';
import { Resolvers } from './instruments/resolvers.ts';
import { Journal } from './journal/journal.ts';
import { journalDirectory } from './journal/state-directory.ts';
import { lacksOfMechanisms } from './lacks.ts';
import { holdBaseline } from './phases/baseline.ts';
import { goThroughChecklist } from './phases/checklist.ts';
import { startTargets } from './phases/start-targets.ts';
import { verifyLedgers } from './phases/verify-ledgers.ts';
import { compareWith, lookAtAll } from './residue/compare.ts';
import { sitesOf, unixListensOf } from './residue/sites.ts';
import type { RunFolder } from './run-folder.ts';
import { awaitCondition } from './steps/condition.ts';
import { RunAborted } from './stopping.ts';
import { TargetFailed } from './supervisor/readiness.ts';
import { runTimeline } from './timeline/run-timeline.ts';
import { commandFor } from './undo/command-for.ts';
import { undoWithRetries } from './undo/undo-journal.ts';

export interface RunOptions {
  run: string;
  version: string;
  folder: RunFolder;
  /** The programs that work beside the runner. */
  entries: { guardian: string; sampler: string; proxy: string; relay: string; resolver: string; stress: string };
  listeners: Listener[];
  /** What this is, in the words of `CHAOS_ENVIRONMENT`. */
  environment?: string;
  /** The text of the scenario. */
  source?: string;
  /** Ids of approvals and items of the checklist that were confirmed in advance. */
  confirmed: string[];
  /** What the same came to without its faults. */
  control?: Control;
}

/** A hold on a run that goes on. */
export interface RunningPlan {
  /** Ends it before its time: everything is undone. May be called again; the undo is not skipped. */
  abort(reason: string): void;
  /** What a person says to a question of the run. */
  answer(id: string, answer: Answer): void;
  /** Resolves when everything is undone and stopped. Its story is in the events; it rejects only for our own defects. */
  done: Promise<void>;
}

/** Starts a run: Plan in, events out. */
export function runPlan(plan: Plan, options: RunOptions): RunningPlan {
  const run = new Run(plan, options);
  return { abort: (reason) => run.abort(reason), answer: (id, answer) => run.answer(id, answer), done: run.go() };
}

class Run {
  readonly #plan: Plan;
  readonly #options: RunOptions;
  readonly #clock = new RealClock();
  readonly #log: EventLog;
  readonly #aborting = new AbortController();
  readonly #claims: string[];
  #sampler: Promise<Sampler> | undefined;
  #approvals: Approvals | undefined;
  /** A defect of ours: the run is undone first, then it is thrown. */
  #defect: unknown;

  constructor(plan: Plan, options: RunOptions) {
    this.#plan = plan;
    this.#options = options;
    hideSecrets(secretsIn(plan));
    this.#claims = claimsOf(plan);
    this.#log = new EventLog(options.folder.events, this.#clock, options.listeners, (message) =>
      this.#instrumentFailed('event log', message),
    );
  }

  abort(reason: string): void {
    if (this.#aborting.signal.aborted) return;
    this.#log.emit({ type: 'abort-requested', reason });
    this.#aborting.abort(new RunAborted(reason));
  }

  /** Before the run asks, or when it asks again. */
  answer(id: string, answer: Answer): void {
    this.#approvals?.answer(id, answer);
  }

  async go(): Promise<void> {
    const { run, version, environment, control, source } = this.#options;
    const { emit } = this.#log;
    emit({
      type: 'run-started',
      run,
      version,
      pid: process.pid,
      host: hostFacts(),
      ...(environment === undefined ? {} : { environment }),
      ...(control === undefined ? {} : { control }),
      ...(source === undefined ? {} : { source }),
      plan: this.#plan,
    });
    const safety = (await this.#isPossible()) ? await this.#safetyNet() : undefined;
    if (safety) {
      const context = this.#contextOf(safety);
      const limit = this.#limitDuration();
      await this.#unlessRivalled(context).catch((error) => {
        if (!(error instanceof RunAborted)) this.#failed(error);
      });
      clearTimeout(limit);
      await this.#cleanUp(context, safety);
    }
    emit({ type: 'run-ended' });
    this.#log.close();
    if (this.#defect !== undefined) throw this.#defect;
  }

  /** What a fault needs of this machine is looked for before anything is touched, never found missing halfway. */
  async #isPossible(): Promise<boolean> {
    const { steps, scenario } = this.#plan;
    const { control } = this.#options;
    if (control && control.verdict !== 'passed') {
      const message = `the control run, the same without its faults, did not pass: ${control.reasons[0] ?? control.verdict}`;
      this.#log.emit({
        type: 'refused',
        diagnostics: [{ severity: 'error', code: 'control', file: scenario.file, message }],
      });
      return false;
    }
    const lacks = await lacksOfMechanisms(this.#plan);
    if (lacks.length === 0) return true;
    this.#log.emit({
      type: 'refused',
      diagnostics: lacks.map(({ where, message, remedy }) => ({
        severity: 'error',
        code: 'machine',
        file: scenario.file,
        message: `${message} (${remedy})`,
        ...placed(steps.find(({ id }) => where === `step ${id}`)),
      })),
    });
    return false;
  }

  /** Two runs on one target would undo each other's harm, and neither could tell what it measured. */
  async #unlessRivalled(context: Context): Promise<void> {
    const found = await rivalOf(this.#options.run, this.#claims);
    if (!found) return await this.#phases(context);
    const { rival, claim } = found;
    const message = `${claim} is being harmed by the run ${rival.run} (${rival.header?.scenario}): wait for it, or chaos stop ${rival.run}`;
    const file = this.#plan.scenario.file;
    this.#log.emit({ type: 'refused', diagnostics: [{ severity: 'error', code: 'harmed-already', file, message }] });
  }

  #failed(defect: unknown): void {
    this.#defect ??= defect;
    const { message } = defect as Error;
    this.#log.emit({ type: 'defect', message });
    this.#aborting.abort(new RunAborted(`a defect of chaos: ${message}`));
  }

  /** Journal, scratch folder and guardian. Without them nothing is begun. */
  async #safetyNet(): Promise<SafetyNet | undefined> {
    const { run, entries, folder } = this.#options;
    let guardian: Guardian | undefined;
    try {
      const runner = identify(process.pid) ?? { pid: process.pid, startTime: '' };
      const scratch = join(tmpdir(), `chaos-${randomBytes(8).toString('hex')}`);
      const header = {
        run,
        scenario: this.#plan.scenario.name,
        runner,
        boot: bootId(),
        // Whole: the guardian, whose working directory is another, writes the end of the story there.
        events: resolve(folder.events),
        startedAt: new Date().toISOString(),
        scratch,
        claims: this.#claims,
      };
      const file = join(journalDirectory(), `${run}.ndjson`);
      // The guardian first, then what it guards: there is no moment at which something is there and nobody removes it.
      const deadlineMs = deadlineOf(this.#plan);
      const deadlineNs =
        deadlineMs === undefined ? undefined : this.#clock.originNs + BigInt(Math.ceil(deadlineMs)) * 1_000_000n;
      guardian = new Guardian(entries.guardian, file, runner, deadlineNs, () =>
        this.#instrumentFailed('guardian', 'it could not be kept alive'),
      );
      const journal = await Journal.create(file, header);
      const seen = await lookAtAll(await sitesOf(this.#plan, { run, scratch }), run);
      await journal.remember(seen);
      const undos: Undo[] = [
        { op: 'remove-directory', path: scratch },
        ...socketsOf(this.#plan),
        { op: 'stop-marked', run, grace: milliseconds(2000) },
      ];
      const last: SafetyNet['last'] = [];
      for (const undo of undos) last.unshift({ undo, entry: await journal.arm(undo) });
      // Others may pass through, for targets that run as somebody else, but see nothing: the names within are theirs to know.
      mkdirSync(scratch, { mode: 0o711 });
      return { journal, scratch, last, guardian, seen };
    } catch (error) {
      guardian?.dismiss();
      this.#instrumentFailed(
        'journal',
        `nothing was begun, because undos cannot be written: ${(error as Error).message}`,
      );
      return undefined;
    }
  }

  #contextOf({ journal, guardian, scratch }: SafetyNet): Context {
    const { run, entries } = this.#options;
    const trip = (message: string, path: string) => {
      if (this.#aborting.signal.aborted) return;
      this.#log.emit({ type: 'safeguard-tripped', message, path });
      this.#aborting.abort(new RunAborted(message));
    };
    const health = new Health(this.#plan.probes);
    this.#approvals = new Approvals(scratch, this.#options.confirmed, this.#clock, this.#log.emit);
    const context: Context = {
      run,
      plan: this.#plan,
      clock: this.#clock,
      emit: this.#log.emit,
      journal,
      scratch,
      guardian,
      health,
      lastResort: { runner: identify(process.pid) ?? { pid: process.pid, startTime: '' }, journal: journal.file },
      sampler: () => this.#startedSampler(context),
      stressEntry: entries.stress,
      links: new Links({
        entry: entries.proxy,
        run,
        scratch,
        env: helperEnvironment(run),
        transparent: this.#plan.targets.some((target) => target.kind === 'proxy' && target.transparent),
        onFailure: (message) => this.#instrumentFailed('proxy', message),
      }),
      queues: new Queues(),
      resolvers: new Resolvers({
        entry: entries.resolver,
        scratch,
        env: helperEnvironment(run),
        onFailure: (message) => this.#instrumentFailed('resolver', message),
      }),
      isolations: new Isolations({
        entry: entries.relay,
        env: helperEnvironment(run),
        onFailure: (message) => this.#instrumentFailed('relay', message),
      }),
      supervisors: new Map(),
      inForce: new InForce(this.#plan.safety.blastRadius, this.#plan.groups, this.#clock, (message) =>
        trip(message, '/safety/blastRadius/duration'),
      ),
      approvals: this.#approvals,
      aborted: this.#aborting.signal,
      abort: (reason) => this.abort(reason),
      failed: (defect) => this.#failed(defect),
      trip,
    };
    return context;
  }

  async #phases(context: Context): Promise<void> {
    const { plan } = context;
    if (!(await this.#phase('start', () => this.#start(context)))) return;
    if (plan.checklist.length > 0 && !(await this.#phase('checklist', () => goThroughChecklist(context)))) return;
    if (plan.probes.length > 0 && !(await this.#phase('baseline', () => this.#baseline(context)))) return;
    await this.#phase('timeline', () => runTimeline(context));
    if (plan.probes.length === 0 && 'steadyState' in plan.recovered) return;
    context.aborted.throwIfAborted();
    await this.#phase('recovery', () => this.#recover(context));
    context.aborted.throwIfAborted();
    await this.#phase('verification', async () => ({ outcome: await verifyLedgers(context) }));
  }

  /** @returns whether it passed */
  async #phase(phase: Phase, work: () => Promise<{ outcome: Outcome; message?: string }>): Promise<boolean> {
    const { emit } = this.#log;
    emit({ type: 'phase-started', phase });
    try {
      const { outcome, message } = await work();
      emit({ type: 'phase-ended', phase, outcome, ...(message === undefined ? {} : { message }) });
      return outcome === 'passed';
    } catch (error) {
      emit({ type: 'phase-ended', phase, outcome: 'unknown', message: (error as Error).message });
      throw error;
    }
  }

  async #start(context: Context): Promise<{ outcome: Outcome; message?: string }> {
    try {
      await startTargets(context, this.#options.folder.logs);
      return { outcome: 'passed' };
    } catch (error) {
      if (!(error instanceof TargetFailed)) throw error;
      return { outcome: 'failed', message: error.message };
    }
  }

  async #baseline(context: Context): Promise<{ outcome: Outcome; message?: string }> {
    const message = await holdBaseline(context);
    return message === undefined ? { outcome: 'passed' } : { outcome: 'failed', message };
  }

  async #recover(context: Context): Promise<{ outcome: Outcome; message?: string }> {
    const { recovered, recoveryMs } = this.#plan;
    const awaited = { kind: 'await', condition: recovered, within: milliseconds(recoveryMs) } as const;
    return await awaitCondition(awaited, context, context.aborted);
  }

  async #cleanUp(context: Context, { journal, guardian, last, seen }: SafetyNet): Promise<void> {
    await this.#phase('undo', async () => {
      await context.inForce.undoAll();
      return { outcome: 'passed' };
    });
    await this.#phase('stop', async () => {
      const failures = await this.#stopEverything(context, last, journal);
      return failures.length === 0 ? { outcome: 'passed' } : { outcome: 'failed', message: failures.join('; ') };
    });
    context.emit({ type: 'residue-checked', ...(await compareWith(seen, context.run)) });
    await journal.close();
    guardian.dismiss();
  }

  /** What needs others is stopped before them. @returns what could not be stopped */
  async #stopEverything(context: Context, last: SafetyNet['last'], journal: Journal): Promise<string[]> {
    const failures: string[] = [];
    const attempt = async (work: () => Promise<void>, undo?: Undo) => {
      try {
        await work();
      } catch (error) {
        const { message } = error as Error;
        failures.push(message);
        if (undo) this.#log.emit({ type: 'leftover', undo, message, command: commandFor(undo) });
      }
    };
    await attempt(async () => (await this.#sampler?.catch(() => undefined))?.close());
    for (const supervisor of [...context.supervisors.values()].reverse()) await attempt(() => supervisor.stop());
    await attempt(() => context.isolations.close());
    await attempt(() => context.links.close());
    await attempt(() => context.resolvers.close());
    for (const { undo, entry } of last)
      await attempt(async () => {
        await undoWithRetries(undo, this.#options.run);
        await journal.strike(entry);
      }, undo);
    return failures;
  }

  #startedSampler(context: Context): Promise<Sampler> {
    const { run, entries } = this.#options;
    this.#sampler ??= startSampler({
      entry: entries.sampler,
      run,
      originNs: this.#clock.originNs,
      env: { ...process.env, ...marked(run) },
      onSamples: (probe, samples) => this.#sampled(context, probe, samples),
      onTripped: ({ message, path }) => context.trip(message, path),
      onFailure: (message) => this.#instrumentFailed('sampler', message),
    });
    return this.#sampler;
  }

  #sampled({ health }: Context, probe: string, samples: Sample[]): void {
    this.#log.emit({ type: 'samples', probe, samples });
    health.add(probe, samples);
  }

  /** Blind, the run may not go on harming. */
  #instrumentFailed(instrument: string, message: string): void {
    this.#log.emit({ type: 'instrument-failed', instrument, message });
    this.#aborting.abort(new RunAborted(`the ${instrument} failed: ${message}`));
  }

  #limitDuration(): NodeJS.Timeout | undefined {
    const { maxDuration } = this.#plan.safety;
    if (maxDuration === undefined) return undefined;
    return setTimeout(
      () => this.abort(`the run took longer than ${formatDuration(maxDuration)}`),
      timerMs(maxDuration),
    );
  }
}

const placed = (step: PlannedStep | undefined): { place?: Place } => (step ? { place: step.place } : {});

/** What makes it safe to begin. `last` is what is undone at the very end, in this order. */
interface SafetyNet {
  journal: Journal;
  guardian: Guardian;
  scratch: string;
  last: { undo: Undo; entry: number }[];
  /** What there was before. */
  seen: Seen[];
}

/** Certificates of one's own make every start of Node slower; what speaks no TLS does without them. */
function helperEnvironment(run: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  return { ...environment, ...marked(run) };
}

const hostFacts = (): HostFacts => ({
  platform: process.platform,
  release: release(),
  arch: process.arch,
  cpus: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
});

/** What a link that listens on a Unix socket leaves when it is killed. A file that is there already is not ours. */
const socketsOf = (plan: Plan): Undo[] =>
  unixListensOf(plan).flatMap((path) => (existsSync(path) ? [] : [{ op: 'remove-socket', path }]));
