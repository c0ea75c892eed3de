import type { Change } from './compare.ts';

interface Rate {
  hits: number;
  of: number;
}

/** Two-sided, at one in a hundred. */
const criticalZ = 2.576;

/**
 * Whether a share of good answers changed by more than chance would make it. Answers that follow on one another are not
 * independent, so what is close to the limit says little.
 * @see two-proportion z-test with a pooled share, as in NIST's Engineering Statistics Handbook, 7.3.3
 */
export function changeOfRate(before: Rate, after: Rate): Change {
  if (before.of === 0 || after.of === 0) return before.of === after.of ? 'same' : 'unclear';
  const difference = after.hits / after.of - before.hits / before.of;
  if (difference === 0) return 'same';
  const pooled = (before.hits + after.hits) / (before.of + after.of);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / before.of + 1 / after.of));
  if (Math.abs(difference) < criticalZ * deviation) return 'unclear';
  return difference > 0 ? 'better' : 'worse';
}
