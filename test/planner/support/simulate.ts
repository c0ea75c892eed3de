import type { Plan, PlannedStep } from '../../../src/model/plan.ts';

/** What came of one imagined run of a plan. Milliseconds from the timeline's start. */
export interface Simulated {
  start: Map<string, number>;
  end: Map<string, number>;
  /** The most faults that were in force at once. */
  mostAtOnce: number;
  /** How long at least one was. */
  underFaultMs: number;
}

/**
 * Runs a plan in imagination, by its own words alone: waits for what `waitsFor` names, holds as `hold` says, ends a group
 * with its last member. Knows nothing of the planner's graph. `chance` gives 0..1 and draws how long things take.
 */
export function simulate(plan: Plan, chance: () => number): Simulated {
  const start = new Map<string, number>();
  const inForce = new Map<string, number>();
  const end = new Map<string, number>();
  const members = new Map<string, PlannedStep[]>();
  for (const step of plan.steps) {
    const group = step.parent ?? '';
    members.set(group, [...(members.get(group) ?? []), step]);
  }
  const happened = ({ step, event }: PlannedStep['waitsFor'][number]) =>
    event === 'ended' ? end.get(step) : (inForce.get(step) ?? (isInjection(plan, step) ? undefined : start.get(step)));
  const groupEnd = (group: string): number | undefined => {
    const times = (members.get(group) ?? []).map((one) => (isOpenEnded(one) ? inForce.get(one.id) : end.get(one.id)));
    if (times.some((time) => time === undefined)) return undefined;
    return Math.max(group === '' ? 0 : start.get(group)!, ...(times as number[]));
  };

  for (let progress = true; progress; ) {
    progress = false;
    const set = (map: Map<string, number>, id: string, ms: number | undefined) => {
      if (ms === undefined || map.has(id)) return;
      map.set(id, ms);
      progress = true;
    };
    for (const step of plan.steps) {
      const { id, action, waitsFor, delayMs, atMs = 0, parent = '' } = step;
      const waits = waitsFor.map(happened);
      if (waits.every((time) => time !== undefined))
        set(start, id, Math.max(atMs, Math.max(0, ...(waits as number[])) + delayMs));
      const from = start.get(id);
      if (from === undefined) continue;
      if (action.kind === 'parallel' || action.kind === 'sequence') set(end, id, groupEnd(id));
      else if (action.kind === 'pause') set(end, id, from + action.for);
      else if (action.kind === 'await') set(end, id, from + draw(chance, action.within));
      else if (action.kind === 'inject') {
        set(inForce, id, from);
        if (action.hold === 'instant') set(end, id, from + draw(chance, 5000));
        else if ('for' in action.hold) set(end, id, from + action.hold.for);
        else set(end, id, groupEnd(parent));
      }
    }
  }
  const spans = plan.steps
    .filter(({ action }) => action.kind === 'inject')
    .map((step) => ({ step, from: start.get(step.id)!, to: end.get(step.id)! }));
  return { start, end, mostAtOnce: mostAtOnce(spans, plan), underFaultMs: underFaultMs(spans) };
}

type Span = { step: PlannedStep; from: number; to: number };

function mostAtOnce(spans: Span[], plan: Plan): number {
  const counts = spans.map((next) => spans.filter((one) => isInForce(one, next, plan)).length);
  return Math.max(0, ...counts);
}

/** Whether `one` is in force when `next` begins. What is held for a group is undone after all of its members began. */
function isInForce(one: Span, next: Span, plan: Plan): boolean {
  if (one.from > next.from) return false;
  if (one.from === next.from || next.from < one.to) return true;
  return isOpenEnded(one.step) && next.from === one.to && isInGroupOf(one.step, next.step, plan);
}

function isInGroupOf({ parent }: PlannedStep, other: PlannedStep, plan: Plan): boolean {
  if (parent === undefined) return true;
  for (let group = other.parent; group !== undefined; group = plan.steps.find(({ id }) => id === group)!.parent)
    if (group === parent) return true;
  return false;
}

function underFaultMs(spans: Span[]): number {
  let total = 0;
  let until = 0;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return total;
}

/** Often the extremes: those are where mistakes are. */
function draw(chance: () => number, most: number): number {
  const value = chance();
  if (value < 0.3) return 0;
  return value > 0.7 ? most : Math.round(((value - 0.3) / 0.4) * most);
}

const isInjection = (plan: Plan, id: string): boolean =>
  plan.steps.find((step) => step.id === id)?.action.kind === 'inject';
const isOpenEnded = ({ action }: PlannedStep): boolean =>
  action.kind === 'inject' && action.hold !== 'instant' && 'until' in action.hold;
