import { formatDuration } from '../../model/duration.ts';
import type { Sample } from '../../model/event.ts';
import type { ProbeSpec, Readiness } from '../../model/scenario.ts';
import type { Clock } from '../clock.ts';

/** A target that the run needs is not there. */
export class TargetFailed extends Error {
  override readonly name = 'TargetFailed';
}

/**
 * Asks until the answer is as expected.
 * @throws TargetFailed with the last answer after `within`; the signal's reason when it is aborted
 */
export async function untilReady(
  ready: Readiness,
  { clock, probe }: { clock: Clock; probe(spec: ProbeSpec): Promise<Sample> },
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = clock.now() + ready.within;
  for (;;) {
    const askedMs = clock.now();
    const sample = await probe(ready.probe);
    signal.throwIfAborted();
    if (sample.state === 'good') return;
    if (clock.now() >= deadlineMs)
      throw new TargetFailed(`not ready within ${formatDuration(ready.within)}: ${sample.reason ?? 'no reason given'}`);
    await clock.sleepUntil(Math.min(askedMs + ready.every, deadlineMs), signal);
  }
}
