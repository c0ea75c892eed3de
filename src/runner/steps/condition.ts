import { formatDuration } from '../../model/duration.ts';
import type { Sample } from '../../model/event.ts';
import type { PlannedAction } from '../../model/plan.ts';
import type { Condition, SingleCondition } from '../../model/scenario.ts';
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
  return partsOf(condition).some((part) =>
    'own' in part
      ? last[part.own.kind]?.some(({ state }) => state === 'bad')
      : health.anyBad(sinceMs, probeOf(part)) !== undefined,
  );
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
    await pause(asksItself(condition) ? askAgainMs : lookEveryMs, context, signal);
  }
}

/** Whether no answer that was due in that time is outstanding: it may yet be a bad one. */
const isTold = (condition: Condition, sinceMs: number, untilMs: number, { health }: Context): boolean =>
  partsOf(condition).every((part) => 'own' in part || health.isTold(sinceMs, untilMs, probeOf(part)));

const partsOf = (condition: Condition): SingleCondition[] => ('all' in condition ? condition.all : [condition]);
const probeOf = (part: SingleCondition): string | undefined => ('probe' in part ? part.probe : undefined);
const asksItself = (condition: Condition): boolean => partsOf(condition).some((part) => 'own' in part);

/** Whether a condition holds now, and samples due since `sinceMs` that say it does not. */
interface Look {
  holds: boolean;
  bad?: Record<string, Sample[]>;
}

async function look(condition: Condition, sinceMs: number, context: Context, signal: AbortSignal): Promise<Look> {
  const looks = await Promise.all(partsOf(condition).map((part) => lookAt(part, sinceMs, context, signal)));
  const bad = Object.assign({}, ...looks.map((one) => one.bad));
  return { holds: looks.every(({ holds }) => holds), ...(Object.keys(bad).length === 0 ? {} : { bad }) };
}

async function lookAt(part: SingleCondition, sinceMs: number, context: Context, signal: AbortSignal): Promise<Look> {
  if ('own' in part) {
    const sampler = await context.sampler();
    const sample = await orAborted(sampler.once(part.own), signal);
    return {
      holds: sample.state === 'good',
      ...(sample.state === 'bad' ? { bad: { [part.own.kind]: [sample] } } : {}),
    };
  }
  const { health } = context;
  const bad = health.anyBad(sinceMs, probeOf(part));
  const holds = health.healthy(sinceMs, probeOf(part));
  return { holds, ...(bad ? { bad: { [bad.probe]: health.lastSamples(bad.probe, shownSamples) } } : {}) };
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
    const seen = await look(condition, sinceMs, context, signal);
    if (seen.holds) return undefined;
    if (context.clock.now() >= deadlineMs)
      return { ...seen.bad, ...lastOf(unhealthy(condition, sinceMs, context), context) };
    await pause(asksItself(condition) ? askAgainMs : lookEveryMs, context, signal);
  }
}

/** Probes of the hypothesis that are waited for and do not hold. */
const unhealthy = (condition: Condition, sinceMs: number, { plan, health }: Context): string[] =>
  partsOf(condition)
    .flatMap((part) => ('own' in part ? [] : 'probe' in part ? [part.probe] : plan.probes.map(({ id }) => id)))
    .filter((id) => !health.healthy(sinceMs, id));

const lastOf = (probes: string[], { health }: Context): Record<string, Sample[]> =>
  Object.fromEntries(probes.map((id) => [id, health.lastSamples(id, shownSamples)]));

function unmet(condition: Condition, how: string, lastSamples: Record<string, Sample[]>): StepResult {
  const reason = lastReason(lastSamples);
  return { outcome: 'failed', message: `${nameOf(condition)} ${how}${reason ? `: ${reason}` : ''}`, lastSamples };
}

/** The last reason that a probe gave, with the probe's name. */
function lastReason(lastSamples: Record<string, Sample[]>): string | undefined {
  for (const [probe, samples] of Object.entries(lastSamples)) {
    const bad = samples.findLast(({ state }) => state !== 'good');
    if (bad) return `${probe}: ${bad.reason ?? bad.state}`;
  }
  const silent = Object.keys(lastSamples)[0];
  return silent === undefined ? undefined : `${silent} has not had enough good samples in a row`;
}

const nameOf = (condition: Condition): string => partsOf(condition).map(nameOfPart).join(' and ');

function nameOfPart(part: SingleCondition): string {
  if ('own' in part) return `the ${part.own.kind} probe`;
  return probeOf(part) ?? 'the steady state';
}

const pause = (ms: number, { clock }: Context, signal: AbortSignal): Promise<void> =>
  clock.sleepUntil(clock.now() + ms, signal);
