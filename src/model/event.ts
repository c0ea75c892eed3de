import type { CommandResult } from './command.ts';
import type { Control } from './control.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Effect } from './fault.ts';
import type { Operation, Undo } from './operation.ts';
import type { Plan } from './plan.ts';
import type { ResidueCheck } from './residue.ts';

/**
 * Everything that happens in a run, as one line each of `events.ndjson`. Console, reports and figures are folds over it.
 * `atMs` is monotonic, from the run's start; `time` is for people.
 */
export type RunEvent = RunEventBody & { seq: number; atMs: number; time: string };

export type RunEventBody =
  | {
      type: 'run-started';
      run: string;
      version: string;
      pid: number;
      host: HostFacts;
      /** What `CHAOS_ENVIRONMENT` or `--environment` said. */
      environment?: string;
      /** The scenario as its author wrote it. */
      source?: string;
      /** The run before it, without faults. */
      control?: Control;
      plan: Plan;
    }
  | { type: 'phase-started'; phase: Phase }
  | { type: 'phase-ended'; phase: Phase; outcome: Outcome; message?: string }
  | { type: 'target-started'; target: string; pid?: number; generation: number }
  | { type: 'target-ready'; target: string; pid?: number; generation: number; afterMs: number }
  | {
      type: 'target-exited';
      target: string;
      pid: number;
      exitCode: number | null;
      signal: string | null;
      expected: boolean;
      lastOutput: string;
    }
  | { type: 'target-stopped'; target: string; forced: boolean }
  | { type: 'target-failed'; target: string; message: string; lastOutput: string }
  | { type: 'samples'; probe: string; samples: Sample[] }
  | { type: 'step-started'; step: string; plannedMs: number }
  | {
      type: 'step-ended';
      step: string;
      outcome: Outcome;
      message?: string;
      result?: CommandResult /** The last answers, when a probe decided. */;
      lastSamples?: Record<string, Sample[]>;
    }
  | { type: 'injection-armed'; step: string; inject: Operation[]; undo: Undo[] }
  | { type: 'injection-in-force'; step: string; effect: Effect }
  | { type: 'injection-failed'; step: string; message: string; result?: CommandResult }
  /** `effect` sums up the whole time in force, unless the one who saw it died; `gone` says whether its end was seen. */
  | { type: 'injection-undone'; step: string; effect?: Effect; gone: boolean; message?: string }
  | { type: 'injection-stuck'; step: string; undo: Undo[]; message: string }
  | { type: 'ledger-verified'; probe: string; result: LedgerResult }
  | { type: 'ledger-unreadable'; probe: string; message: string }
  | { type: 'workload-verified'; probe: string; result: WorkloadResult }
  | { type: 'workload-unreadable'; probe: string; message: string }
  /** The run's own instrument failed (a sampler or proxy died): what it would have seen is unknown. */
  | { type: 'instrument-failed'; instrument: string; message: string }
  /** `question` is put to a person until `untilMs`; `id` is that of a step, or of an item of the checklist. */
  | { type: 'approval-asked'; id: string; question: string; untilMs: number }
  | { type: 'approval-given'; id: string; approved: boolean; by: string }
  | { type: 'item-checked'; item: string; outcome: Outcome; message?: string }
  | { type: 'safeguard-tripped'; message: string; path: string }
  | { type: 'abort-requested'; reason: string }
  /** Something in chaos itself went wrong. */
  | { type: 'defect'; message: string }
  | { type: 'refused'; diagnostics: Diagnostic[] }
  | { type: 'leftover'; undo: Undo; message: string; command: string }
  /** After the last undo: is everything as it was before the first fault? */
  | ({ type: 'residue-checked' } & ResidueCheck)
  | { type: 'run-ended' };

export type Phase = 'start' | 'checklist' | 'baseline' | 'timeline' | 'recovery' | 'verification' | 'undo' | 'stop';

/** `skipped`: it was never its turn. `unknown`: it could not be observed. */
export type Outcome = 'passed' | 'failed' | 'skipped' | 'unknown';

export interface HostFacts {
  platform: string;
  release: string;
  arch: string;
  cpus: number;
  memoryBytes: number;
  node: string;
}

/** One answer of a probe. Times are in the run's monotonic milliseconds. */
export interface Sample {
  /** When it had to be taken, on the fixed schedule. */
  dueMs: number;
  /** How late our own sampler began; not the system's fault. */
  lateMs: number;
  /** From due to answer; for a failure, from due to when that was known. */
  latencyMs: number;
  /** `unmeasured`: we could not ask (our own lack), which is neither good nor bad. */
  state: 'good' | 'bad' | 'unmeasured';
  /** Why it is not good; at most 300 characters. */
  reason?: string;
}

/** What a ledger found at the end. Ids are capped lists; counts are exact. */
export interface LedgerResult {
  written: number;
  acknowledged: number;
  kept: number;
  lost: LedgerEntry[];
  lostCount: number;
  duplicated: LedgerEntry[];
  duplicatedCount: number;
  /** Present though never acknowledged: allowed. */
  unacknowledgedPresent: number;
  /** Where what is read has an order: what stands behind an entry whose writing began after it was acknowledged itself. */
  outOfOrder?: LedgerEntry[];
  outOfOrderCount?: number;
  /** Where it was read during the run as well: what a reading missed that was there in the end. */
  stale?: StaleEntry[];
  staleCount?: number;
  /** Readings during the run that were answered. */
  readings?: number;
}

/** What another workload found at the end. The list is capped, the count exact. */
export interface WorkloadResult {
  /** Writes that were asked for, and those that were acknowledged; reads that were answered. */
  writes: number;
  acknowledged: number;
  reads: number;
  /** What cannot be, by what was promised. */
  violations: Violation[];
  violationCount: number;
}

export interface Violation {
  /** When it was seen. */
  atMs: number;
  /** `went back from 12 to 9` */
  message: string;
}

export interface LedgerEntry {
  id: string;
  /** When it was acknowledged. */
  atMs: number;
}

export interface StaleEntry extends LedgerEntry {
  /** When the first reading began that missed it. */
  missedMs: number;
}
