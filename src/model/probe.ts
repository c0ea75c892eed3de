import type { Command, CommandResult } from './command.ts';
import type { Duration } from './duration.ts';
import type { LedgerResult, WorkloadResult } from './event.ts';
import type { Decoded, Fields } from './field.ts';
import type { JsonObject } from './json.ts';

/** A kind of probe: what it takes, what may be expected of its answer, and how it asks. */
export interface ProbeKind<S extends Fields = Fields, E extends Fields = Fields> {
  kind: string;
  /** One line. */
  summary: string;
  /** Markdown. */
  description: string;
  settings: S;
  /** The field that a bare string fills (`http: http://…` is `http: { url: http://… }`). */
  shorthand?: keyof S & string;
  expect: E;
  /** What the schema cannot say (a URL that is none). Quick and pure. @returns why not, for a diagnostic */
  refuses?(settings: Decoded<S>, expect: Decoded<E>): string | undefined;
  /** Where it connects to, as far as that can be known. */
  reaches?(settings: Decoded<S>): { host: string; port: number } | undefined;
  /** Opens what it needs (a connection pool) once; heavy libraries are imported here, not at the top. */
  open(settings: Decoded<S>, expect: Decoded<E>, context: ProbeContext): Promise<ProbeSession>;
  examples: { title: string; probe: JsonObject }[];
}

/** What a session is given by whoever samples. */
export interface ProbeContext {
  run: string;
  /** The time limit of each sample, which its signal keeps; for what must be told it in advance (a database's statements). */
  timeout: Duration;
  /** Runs a program with our rules: process group, time limit, capped output, the run's mark. */
  runCommand(command: Command, signal: AbortSignal): Promise<CommandResult>;
  /** Monotonic milliseconds since the run's start. */
  now(): number;
}

export interface ProbeSession {
  /** Takes one sample. Rejects only for our own defects; a system that does not answer is `bad`. `signal` aborts at the timeout. */
  sample(signal: AbortSignal): Promise<Answer>;
  /** Only ledgers: reads everything back and compares. Rejects when it cannot be read. */
  verify?(signal: AbortSignal): Promise<LedgerResult>;
  /** Only workloads: looks a last time, and says what could not be. Rejects when it cannot be looked at. */
  check?(signal: AbortSignal): Promise<WorkloadResult>;
  close(): Promise<void>;
}

/** `reason` is one line for a person: `status 503, expected 200: {"error":"database"}`. */
export type Answer = { good: true } | { good: false; reason: string } | { unmeasured: true; reason: string };

/** Keeps the types of a descriptor's own settings. */
export function defineProbe<const S extends Fields, const E extends Fields>(probe: ProbeKind<S, E>): ProbeKind {
  return probe as unknown as ProbeKind;
}
