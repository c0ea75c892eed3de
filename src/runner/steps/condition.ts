import { formatDuration } from '../../model/duration.ts';
import type { Sample } from '../../model/event.ts';
import type { PlannedAction } from '../../model/plan.ts';
import type { Condition } from '../../model/scenario.ts';
import type { Context } from '../context.ts';
import { orAborted } from '../stopping.ts';
import type { StepResult } from './result.ts';

type Awaiting = Extract<PlannedAction, { kind: 'await' }>;
type Asserting = Extract<PlannedAction, { kind: 'assert' }>;

const lookEveryMs = 5;
const askAgainMs = 100;
const shownSamples = 3;

/** Waits until the condition holds: for the hypothesis, in samples that were due after the step began. */
export async function awaitCondition(
  { condition, within }: Awaiting,
  context: Context,
  signal: AbortSignal,
): Promise<StepResult> {
  const startMs = context.clock.now();
  const last = await untilHolds(condition, startMs, startMs + within, context, signal);
  if (last === undefined) return { outcome: 'passed' };
  const result = unmet(condition, `did not hold within ${formatDuration(within)}`, last);
  // Only what was seen to be bad has failed; what nobody saw is not known.
  return wasBad(condition, startMs, last, context) ? result : { ...result, outcome: 'unknown' };
}

function wasBad(condition: Condition, sinceMs: number, last: Record<string, Sample[]>, { health }: Context): boolean {
  if ('own' in condition)
    return Object.values(last)
      .flat()
      .some(({ state }) => state === 'bad');
  return health.anyBad(sinceMs, 'probe' in condition ? condition.probe : undefined) !== undefined;
}

/** The condition must hold in the next samples and, with `for`, in every one until that time is over. */
export async function assertCondition(
  { condition, within, for: throughout }: Asserting,
  context: Context,
  signal: AbortSignal,
): Promise<StepResult> {
  const startMs = context.clock.now();
  const endMs = startMs + (throughout ?? 0);
  for (;;) {
    const seen = await look(condition, startMs, context, signal);
    if (seen.bad) return unmet(condition, 'does not hold', seen.bad);
    if (seen.holds && context.clock.now() >= endMs && isTold(condition, startMs, endMs, context))
      return { outcome: 'passed' };
    if (context.clock.now() >= endMs + within)
      return {
        outcome: 'unknown',
        message: `${nameOf(condition)} could not be observed within ${formatDuration(within)}`,
      };
    await pause('own' in condition ? askAgainMs : lookEveryMs, context, signal);
  }
}

/** Whether no answer that was due in that time is outstanding: it may yet be a bad one. */
const isTold = (condition: Condition, sinceMs: number, untilMs: number, { health }: Context): boolean =>
  'own' in condition || health.isTold(sinceMs, untilMs, 'probe' in condition ? condition.probe : undefined);

/** Whether a condition holds in the samples due since `sinceMs`, and a sample that says it does not. */
interface Look {
  holds: boolean;
  bad?: Record<string, Sample[]>;
}

async function look(condition: Condition, sinceMs: number, context: Context, signal: AbortSignal): Promise<Look> {
  if ('own' in condition) {
    const sampler = await context.sampler();
    const sample = await orAborted(sampler.once(condition.own), signal);
    if (sample.state === 'unmeasured') return { holds: false };
    return sample.state === 'good' ? { holds: true } : { holds: false, bad: { [condition.own.kind]: [sample] } };
  }
  const probe = 'probe' in condition ? condition.probe : undefined;
  const bad = context.health.anyBad(sinceMs, probe);
  if (bad) return { holds: false, bad: { [bad.probe]: context.health.lastSamples(bad.probe, shownSamples) } };
  return { holds: context.health.healthy(sinceMs, probe) };
}

/** @returns `undefined` once it holds, else the last answers of what did not */
async function untilHolds(
  condition: Condition,
  sinceMs: number,
  deadlineMs: number,
  context: Context,
  signal: AbortSignal,
): Promise<Record<string, Sample[]> | undefined> {
  for (;;) {
    if ('own' in condition) {
      const seen = await look(condition, sinceMs, context, signal);
      if (seen.holds) return undefined;
      if (context.clock.now() >= deadlineMs) return seen.bad ?? {};
      await pause(askAgainMs, context, signal);
    } else {
      const probe = 'probe' in condition ? condition.probe : undefined;
      if (context.health.healthy(sinceMs, probe)) return undefined;
      if (context.clock.now() >= deadlineMs) return lastOf(unhealthy(context, sinceMs, probe), context);
      await pause(lookEveryMs, context, signal);
    }
  }
}

/** Waits until the whole hypothesis holds. @returns `undefined` once it does, else what the probes that do not hold last said */
export function untilHealthy(
  sinceMs: number,
  deadlineMs: number,
  context: Context,
  signal: AbortSignal,
): Promise<Record<string, Sample[]> | undefined> {
  return untilHolds({ steadyState: true }, sinceMs, deadlineMs, context, signal);
}

const unhealthy = ({ plan, health }: Context, sinceMs: number, probe: string | undefined): string[] =>
  probe === undefined ? plan.probes.map(({ id }) => id).filter((id) => !health.healthy(sinceMs, id)) : [probe];

const lastOf = (probes: string[], { health }: Context): Record<string, Sample[]> =>
  Object.fromEntries(probes.map((id) => [id, health.lastSamples(id, shownSamples)]));

function unmet(condition: Condition, how: string, lastSamples: Record<string, Sample[]>): StepResult {
  const reason = lastReason(lastSamples);
  return { outcome: 'failed', message: `${nameOf(condition)} ${how}${reason ? `: ${reason}` : ''}`, lastSamples };
}

/** The last reason that a probe gave, with the probe's name. */
export function lastReason(lastSamples: Record<string, Sample[]>): string | undefined {
  for (const [probe, samples] of Object.entries(lastSamples)) {
    const bad = samples.findLast(({ state }) => state !== 'good');
    if (bad) return `${probe}: ${bad.reason ?? bad.state}`;
  }
  const silent = Object.keys(lastSamples)[0];
  return silent === undefined ? undefined : `${silent} has not had enough good samples in a row`;
}

function nameOf(condition: Condition): string {
  if ('own' in condition) return `the ${condition.own.kind} probe`;
  return 'probe' in condition ? condition.probe : 'the steady state';
}

const pause = (ms: number, { clock }: Context, signal: AbortSignal): Promise<void> =>
  clock.sleepUntil(clock.now() + ms, signal);
