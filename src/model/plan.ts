import type { Mechanism } from './fault.ts';
import type { Action } from './operation.ts';
import type { Place } from './place.ts';
import type {
  ChecklistItem,
  Condition,
  InjectStep,
  Objective,
  Probe,
  Safety,
  Step,
  StepEventName,
  Target,
} from './scenario.ts';

/** The scenario compiled. It is what is shown, saved and run. All times are milliseconds from the timeline's start. */
export interface Plan {
  format: 'chaos-plan/1';
  scenario: { file: string; name: string; description?: string; tags: string[]; owner?: string };
  seed: number;
  /** Every fault is left out; all else is as it would be. */
  isSham: boolean;
  /** Whether the same is run without its faults first. */
  control: boolean;
  parameters: Record<string, string | number | boolean>;
  /** In the order in which they start: what is needed stands before what needs it. */
  targets: Target[];
  groups: { id: string; members: string[] }[];
  probes: (Probe & { place: Place })[];
  baselineMs: number;
  recoveryMs: number;
  /** What has to hold again by then. */
  recovered: Condition;
  /** Flat, in the order of the file; a group stands before its members. */
  steps: PlannedStep[];
  objectives: (Objective & { place: Place })[];
  checklist: (ChecklistItem & { place: Place })[];
  safety: Safety;
}

/** A step that knows what it waits for, and when that will be at the earliest and at the latest. */
export interface PlannedStep {
  id: string;
  /** One line that a person can read: `slow database-link by database-slow for 5s`. */
  title: string;
  /** The author's own words. */
  description?: string;
  place: Place;
  depth: number;
  parent?: string;
  /** All must have happened; `delayMs` after the last of them, and not before `atMs`, the step starts. */
  waitsFor: Dependency[];
  delayMs: number;
  atMs?: number;
  /** When it is known to start and end. `null` is an open end: it depends on what the system does. */
  expected: {
    earliestStartMs: number;
    latestStartMs: number | null;
    earliestEndMs: number;
    latestEndMs: number | null;
  };
  action: PlannedAction;
}

export interface Dependency {
  step: string;
  event: StepEventName;
}

/** What a step does. `Step`'s own words, without what the planner has resolved. */
export type PlannedAction =
  | PlannedInjection
  | Pick<Extract<Step, { kind: 'await' }>, 'kind' | 'condition' | 'within'>
  | Pick<Extract<Step, { kind: 'assert' }>, 'kind' | 'condition' | 'for' | 'within'>
  | Pick<Extract<Step, { kind: 'run' }>, 'kind' | 'command' | 'expect'>
  | Pick<Extract<Step, { kind: 'pause' }>, 'kind' | 'for'>
  | Pick<Extract<Step, { kind: 'approve' }>, 'kind' | 'question' | 'within'>
  | { kind: 'parallel' | 'sequence' };

export interface PlannedInjection extends Pick<InjectStep, 'kind' | 'fault' | 'target' | 'with'> {
  kind: 'inject';
  /** `instant`: nothing to hold or undo. `until`: held until that group, or the timeline, ends. */
  hold: { for: number } | { until: string | 'timeline' } | 'instant';
  /** How it will be done here, and what that cannot do. */
  mechanism: Mechanism;
  /** What of it the target bears only one of at a time. */
  alone?: string;
  /** What of it the target bears many of, but not beside what has it `alone`. */
  beside?: string;
  /** What will be executed, and what will undo it, in terms of targets; the run binds them to pids and sockets. */
  inject: Action[];
  undo: Action[];
}
