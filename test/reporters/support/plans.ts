import { parseBound } from '../../../src/model/bound.ts';
import { milliseconds, seconds } from '../../../src/model/duration.ts';
import type { Place } from '../../../src/model/place.ts';
import type { Plan, PlannedAction, PlannedStep } from '../../../src/model/plan.ts';
import type { Objective, Probe, Target } from '../../../src/model/scenario.ts';

/** Plans as the planner would make them, reduced to what a report tells. */

let line = 10;
const nextPlace = (): Place => ({ line: line++, column: 5, length: 4 });

export function planOf(parts: Partial<Plan> = {}): Plan {
  return {
    format: 'chaos-plan/1',
    scenario: { file: 'scenarios/orders.yaml', name: 'Orders survive', tags: [] },
    seed: 7,
    isSham: false,
    control: false,
    groups: [],
    recovered: { steadyState: true },
    parameters: {},
    targets: [],
    probes: [],
    baselineMs: 1000,
    recoveryMs: 30_000,
    steps: [],
    objectives: [],
    checklist: [],
    safety: { blastRadius: {}, abortWhen: [], allow: [], environments: [] },
    ...parts,
  };
}

export function probe(id: string, parts: Partial<Probe> = {}): Plan['probes'][number] {
  return {
    id,
    kind: 'http',
    settings: {},
    expect: {},
    timeout: seconds(1),
    every: milliseconds(100),
    successThreshold: 3,
    path: '/steadyState/0',
    place: nextPlace(),
    ...parts,
  };
}

export function step(id: string, action: PlannedAction, parts: Partial<PlannedStep> = {}): PlannedStep {
  return {
    id,
    title: `${action.kind} ${id}`,
    place: nextPlace(),
    depth: 0,
    waitsFor: [],
    delayMs: 0,
    expected: { earliestStartMs: 0, latestStartMs: 0, earliestEndMs: 0, latestEndMs: null },
    action,
    ...parts,
  };
}

export const run = (id: string): PlannedStep =>
  step(id, { kind: 'run', command: { argv: ['true'], timeout: seconds(60) }, expect: { exitCode: 0 } });

export const awaitSteady = (id: string): PlannedStep =>
  step(id, { kind: 'await', condition: { steadyState: true }, within: seconds(10) });

/** A fault that is done when it is done. */
export const kill = (id: string, target = 'postgres'): PlannedStep =>
  step(id, {
    kind: 'inject',
    fault: 'process-kill',
    target,
    with: { signal: 'SIGKILL' },
    hold: 'instant',
    mechanism: { by: 'magic' },
    inject: [],
    undo: [],
  });

/** A fault that is held. */
export const slow = (id: string, forMs = 5000, target = 'database-link'): PlannedStep =>
  step(id, {
    kind: 'inject',
    fault: 'database-slow',
    target,
    with: { factor: 10 },
    hold: { for: forMs },
    mechanism: { by: 'magic' },
    inject: [],
    undo: [],
  });

type Measure = Objective extends infer One ? (One extends Objective ? Omit<One, 'path' | 'bound'> : never) : never;

export function objective(measure: Measure, bound: string): Plan['objectives'][number] {
  return {
    ...measure,
    bound: parseBound(bound)!,
    path: '/objectives/0',
    place: nextPlace(),
  } as Plan['objectives'][number];
}

export const processTarget = (id: string): Target => ({
  id,
  kind: 'process',
  path: `/targets/${id}`,
  needs: [],
  command: ['node'],
  env: {},
  stop: { signal: 'SIGTERM', grace: seconds(10) },
});
