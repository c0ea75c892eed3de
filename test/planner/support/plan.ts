import type { Diagnostic } from '../../../src/model/diagnostic.ts';
import type { Plan, PlannedStep } from '../../../src/model/plan.ts';
import type { Safety, Scenario, Step } from '../../../src/model/scenario.ts';
import { compilePlan } from '../../../src/planner/compile.ts';
import { scenario } from './scenario.ts';

/** The plan of a timeline that is right. */
export function planOf(timeline: Step[], about: Partial<Scenario> = {}): Plan {
  const { plan, diagnostics } = compilePlan(scenario(timeline, about), { seed: 7 });
  if (!plan) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return plan;
}

export const diagnosticsOf = (
  timeline: Step[],
  limits: Safety['blastRadius'] = {},
  about: Partial<Scenario> = {},
): Diagnostic[] =>
  compilePlan(
    scenario(timeline, { safety: { blastRadius: limits, abortWhen: [], allow: [], environments: [] }, ...about }),
    { seed: 7 },
  ).diagnostics;

export function step(plan: Plan, id: string): PlannedStep {
  const found = plan.steps.find((one) => one.id === id);
  if (!found) throw new Error(`no step ${id}`);
  return found;
}

/** What each step waits for, as `slow: a ended, b started`. */
export const waiting = (plan: Plan): Record<string, string> =>
  Object.fromEntries(
    plan.steps.map(({ id, waitsFor }) => [id, waitsFor.map(({ step, event }) => `${step} ${event}`).join(', ')]),
  );

/** When each step starts and ends, in seconds: `5` or `5..15`. */
export const times = (plan: Plan): Record<string, string> =>
  Object.fromEntries(
    plan.steps.map(({ id, expected }) => [
      id,
      `${range(expected.earliestStartMs, expected.latestStartMs)} to ${range(expected.earliestEndMs, expected.latestEndMs)}`,
    ]),
  );

function range(earliestMs: number, latestMs: number | null): string {
  if (earliestMs === latestMs) return `${earliestMs / 1000}`;
  return `${earliestMs / 1000}..${latestMs === null ? '' : latestMs / 1000}`;
}
