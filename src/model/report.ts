import type { CommandResult } from './command.ts';
import type { Control } from './control.ts';
import type { HostFacts, LedgerResult, Outcome, Phase, Sample, WorkloadResult } from './event.ts';
import type { Effect } from './fault.ts';
import type { JsonObject } from './json.ts';
import type { Operation, Undo } from './operation.ts';
import type { Place } from './place.ts';
import type { ResidueCheck } from './residue.ts';
import type { Objective } from './scenario.ts';

export type Verdict = 'passed' | 'failed' | 'aborted' | 'inconclusive' | 'error';

/** What a run came to: a fold over its events. Times are milliseconds from the run's start. */
export interface Report {
  format: 'chaos-report/1';
  run: string;
  version: string;
  scenario: { file: string; name: string; description?: string; tags: string[]; owner?: string };
  seed: number;
  parameters: Record<string, string | number | boolean>;
  host: HostFacts;
  /** What `CHAOS_ENVIRONMENT` or `--environment` said. */
  environment?: string;
  /** Every fault was left out. */
  isSham: boolean;
  /** What the same came to without its faults, where the scenario asks for it. */
  control?: Control;
  startedAt: string;
  endedAt: string;
  durationMs: number;
  verdict: Verdict;
  exitCode: number;
  /** Why the verdict is what it is; the first is the most important. Never empty unless passed. */
  reasons: string[];
  summary: Summary;
  phases: { phase: Phase; startMs: number; endMs: number | null; outcome: Outcome; message?: string }[];
  /** What had to be so before the first fault. */
  checklist: { id: string; title: string; place: Place; outcome: Outcome; message?: string }[];
  targets: TargetReport[];
  steps: StepReport[];
  injections: InjectionReport[];
  probes: ProbeReport[];
  outages: Outage[];
  objectives: ObjectiveReport[];
  /** What people usually promise, where a scenario promises nothing: shown, not judged. */
  usual: UsualTarget[];
  ledgers: ({ probe: string } & ({ result: LedgerResult } | { unreadable: string }))[];
  /** What the other workloads found. */
  workloads: WorkloadReport[];
  leftovers: { undo: Undo; message: string; command: string }[];
  /** Whether all was as it had been, after the last undo; `null` when nobody looked. */
  residue: ResidueCheck | null;
}

export type WorkloadReport = { probe: string; kind: string } & ({ result: WorkloadResult } | { unreadable: string });

export interface Summary {
  success: boolean;
  /** Injections that were begun. */
  events: number;
  failuresDetected: number;
  recoveries: number;
  meanTimeToRecoverMs: number | null;
  meanTimeToDetectMs: number | null;
  /** Share of the outages that ended; `null` when there was none. */
  recoveryRate: number | null;
  /** Share of good samples of all probes after the baseline; `null` when there is none. */
  availability: number | null;
  errorRate: number | null;
  consistency: number | null;
}

export interface TargetReport {
  id: string;
  kind: string;
  starts: {
    pid?: number;
    startMs: number;
    readyMs: number | null;
    exitMs: number | null;
    exitCode: number | null;
    signal: string | null;
    expected: boolean;
  }[];
  failure?: string;
  lastOutput?: string;
}

export interface StepReport {
  id: string;
  title: string;
  kind: string;
  place: Place;
  plannedMs: number | null;
  startMs: number | null;
  endMs: number | null;
  outcome: Outcome;
  message?: string;
  result?: CommandResult;
  lastSamples?: Record<string, Sample[]>;
}

export interface InjectionReport {
  step: string;
  fault: string;
  target?: string;
  parameters: JsonObject;
  place: Place;
  /** From the plan, in the run's time; `null` where the plan left it open. */
  planned: { startMs: number; endMs: number | null };
  actual: { startMs: number | null; inForceMs: number | null; endMs: number | null };
  state: 'not-begun' | 'failed' | 'in-force' | 'undone' | 'stuck' | 'instant';
  effect: Effect;
  inject: Operation[];
  undo: Undo[];
  /** Whether its end was seen; `null` for what has no end. */
  gone: boolean | null;
  /** First bad sample after it, and when every probe was healthy again. */
  recovery: {
    failedMs: number | null;
    recoveredMs: number | null;
    timeToDetectMs: number | null;
    timeToRecoverMs: number | null;
    /** The same from the injection's end, and from the first failure. */
    timeToRecoverFromEndMs: number | null;
    timeToRecoverFromFailureMs: number | null;
    /** Which probes failed: how far it spread. */
    failedProbes: string[];
  };
  message?: string;
}

export interface ProbeReport {
  id: string;
  kind: string;
  place: Place;
  samples: number;
  good: number;
  bad: number;
  unmeasured: number;
  availability: number | null;
  /** Share of the time in which it was not in an outage. */
  uptime: number | null;
  latencyMs: { p50: number; p95: number; p99: number; max: number } | null;
  lastBad: Sample[];
}

/** From the first bad sample after a good one to the first of the good ones that ended it. */
export interface Outage {
  probe: string;
  startMs: number;
  /** `null`: it did not end within the run. */
  endMs: number | null;
  badSamples: number;
  reason?: string;
}

export interface UsualTarget {
  title: string;
  asked: string;
  measuredText: string;
  isMet: boolean;
}

export interface ObjectiveReport {
  /** `availability of orders-answer >= 90%` */
  title: string;
  measure: Objective['measure'];
  /** The probe, or for a recovery or detection time the step; `''` for what is about the whole run. */
  of: string;
  place: Place;
  asked: string;
  /** In the bound's unit; `null` when it could not be measured. */
  measured: number | null;
  measuredText: string;
  samples: number;
  outcome: 'passed' | 'failed' | 'unknown';
  message?: string;
}
