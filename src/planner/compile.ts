import type { Diagnostic } from '../model/diagnostic.ts';
import { placeOf } from '../model/place.ts';
import type { Plan, PlannedAction, PlannedStep } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { blastRadius } from './blast-radius/blast-radius.ts';
import { type Start, startOf } from './dependencies.ts';
import { drawMembers } from './draw-members.ts';
import { explainCycle } from './explain-cycle.ts';
import { type FlatStep, flatten } from './flatten.ts';
import { cyclesOf } from './graph/cycles.ts';
import { begins, ended, eventGraph, stepOf } from './graph/event-graph.ts';
import { inOrder } from './graph/order.ts';
import { type Times, timesOf } from './graph/times.ts';
import { heldForNothing } from './held-for-nothing.ts';
import { launched } from './launch.ts';
import { type Machine, plannedAction } from './planned-action.ts';
import { spansOf } from './spans.ts';
import { targetsInOrder } from './targets-in-order.ts';
import { titleOf } from './title.ts';

/**
 * Compiles a scenario: every step with what it waits for, when it may start and must end, and what it will do.
 * Pure; the same scenario and seed give the same plan, where the same mechanisms work. By default all do.
 * @returns no plan when a diagnostic is an error: steps in a circle, or a blast radius that is certain to be exceeded
 */
export function compilePlan(
  written: Scenario,
  { seed, isHere = () => true }: { seed: number } & Partial<Machine>,
): { plan?: Plan; diagnostics: Diagnostic[] } {
  const scenario = drawMembers(written, seed);
  const { places } = scenario;
  const steps = flatten(scenario.timeline);
  const byId = new Map(steps.map((flat) => [flat.step.id, flat]));
  const targets = new Map(scenario.targets.map((target) => [target.id, target]));
  const starts = steps.map((flat) => startOf(flat, byId));
  const actions = steps.map((flat) => plannedAction(flat.step, flat.parent?.step.id, targets, { seed, isHere }));
  const spans = actions.map((action) => spansOf(action, targets));
  const graph = eventGraph(steps, starts, spans, byId);
  const order = inOrder(graph);

  if (order.length < graph.nodes) {
    const cycles = cyclesOf(graph, (node) => blame(node, steps));
    return { diagnostics: cycles.map((cycle) => explainCycle(cycle, steps, places)) };
  }
  const times = timesOf(graph, order);
  const diagnostics = [
    ...heldForNothing(steps, places),
    ...blastRadius({
      steps,
      actions,
      spans,
      graph,
      order,
      times,
      places,
      limits: scenario.safety.blastRadius,
      groups: scenario.groups,
    }),
  ];
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  return { plan: planOf(scenario, seed, steps, starts, actions, times), diagnostics };
}

function planOf(
  scenario: Scenario,
  seed: number,
  steps: FlatStep[],
  starts: Start[],
  actions: PlannedAction[],
  times: Times,
): Plan {
  const { places, name, description, tags, owner } = scenario;
  return {
    format: 'chaos-plan/1',
    scenario: {
      file: places.file,
      name,
      ...(description === undefined ? {} : { description }),
      tags,
      ...(owner === undefined ? {} : { owner }),
    },
    seed,
    isSham: false,
    control: scenario.control,
    parameters: scenario.parameters,
    targets: targetsInOrder(scenario.targets).map((target) => launched(target, actions)),
    groups: scenario.groups.map(({ id, members }) => ({ id, members })),
    probes: scenario.steadyState.map((probe) => ({ ...probe, place: placeOf(places, probe.path) })),
    baselineMs: scenario.baseline,
    recoveryMs: scenario.recovery,
    recovered: scenario.recovered,
    steps: steps.map((flat) => plannedStep(flat, starts[flat.index]!, actions[flat.index]!, times, places)),
    objectives: scenario.objectives.map((objective) => ({ ...objective, place: placeOf(places, objective.path) })),
    checklist: scenario.checklist.map((item) => ({ ...item, place: placeOf(places, item.path) })),
    safety: scenario.safety,
  };
}

function plannedStep(
  { step, index, depth, parent }: FlatStep,
  start: Start,
  action: PlannedAction,
  { earliest, latest }: Times,
  places: Scenario['places'],
): PlannedStep {
  return {
    id: step.id,
    title: titleOf(step, action),
    ...(step.description === undefined ? {} : { description: step.description }),
    place: placeOf(places, step.path),
    depth,
    ...(parent ? { parent: parent.step.id } : {}),
    ...start,
    expected: {
      earliestStartMs: earliest[begins(index)]!,
      latestStartMs: orOpen(latest[begins(index)]!),
      earliestEndMs: earliest[ended(index)]!,
      latestEndMs: orOpen(latest[ended(index)]!),
    },
    action,
  };
}

const orOpen = (ms: number): number | null => (ms === Number.POSITIVE_INFINITY ? null : ms);

/** Only an `after` can close a circle, so the first of those is where the author has to look. */
function blame(node: number, steps: FlatStep[]): number {
  const step = steps[stepOf(node)];
  if (!step) return 3 * node;
  return step.step.start.rule === 'after' && node === begins(step.index) ? node : node + 3 * steps.length + 3;
}
