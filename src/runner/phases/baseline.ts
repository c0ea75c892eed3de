import { formatDuration } from '../../model/duration.ts';
import type { Context } from '../context.ts';

const lookEveryMs = 5;

/**
 * Begins to sample, and waits until the hypothesis has held for the baseline's time.
 * @returns why it did not hold, or `undefined` when it did
 */
export async function holdBaseline(context: Context): Promise<string | undefined> {
  const { plan, clock, health, aborted } = context;
  const sampler = await context.sampler();
  const startMs = await sampler.start(plan.probes, {
    safeguards: plan.safety.abortWhen,
    lastResort: context.lastResort,
  });
  const endMs = startMs + plan.baselineMs;
  // A probe that is asked rarely is waited for: without an answer to all that was asked there is no baseline.
  const patienceMs = endMs + Math.max(...plan.probes.map(({ every, timeout }) => every + timeout)) + 1000;
  for (;;) {
    aborted.throwIfAborted();
    const bad = health.anyBad(startMs);
    if (bad) return `${bad.probe} does not hold: ${bad.reason ?? 'no reason given'}`;
    const silent = plan.probes.filter(({ id }) => !health.isTold(startMs, endMs, id) || !health.wasMostlyGood(id));
    if (clock.now() >= endMs && silent.length === 0) return undefined;
    if (clock.now() >= patienceMs)
      return `${silent.map(({ id }) => id).join(', ')} gave too few answers within ${formatDuration(patienceMs - startMs)}`;
    await clock.sleepUntil(clock.now() + lookEveryMs, aborted);
  }
}
