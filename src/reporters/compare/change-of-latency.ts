import { changeOfRate } from './change-of-rate.ts';
import type { Change } from './compare.ts';

/** Less than this is no matter, whatever the test says: between two runs machines differ by as much. */
const leastShare = 0.1;
const leastMs = 1;
/** As many are to be expected beyond the percentile as the test needs to hold. */
const leastBeyond = 5;

/**
 * Whether a percentile changed: by a tenth and a millisecond at least, and by more than chance would make it. Chance is
 * asked how many answers were slower than that percentile had been: of the earlier run it is known by definition.
 * @param before the percentile (`rank` 0..1) of so many answers
 * @param after the percentile of so many answers, of which `slower` took longer than the earlier one; `undefined` when nobody counted
 * @see changeOfRate; the test of quantiles that Mood's median test is for the median
 */
export function changeOfLatency(
  before: { ms: number; of: number; rank: number },
  after: { ms: number; of: number; slower: number | undefined },
): Change {
  const difference = Math.abs(after.ms - before.ms);
  if (after.slower === undefined || difference < leastMs || difference < leastShare * before.ms) return 'unclear';
  if ((1 - before.rank) * Math.min(before.of, after.of) < leastBeyond) return 'unclear';
  const change = changeOfRate(
    { hits: before.rank * before.of, of: before.of },
    { hits: after.of - after.slower, of: after.of },
  );
  // The percentile and the share of what is beyond it tell the same; where they do not, there is nothing to tell.
  return change === (after.ms > before.ms ? 'worse' : 'better') ? change : 'unclear';
}
