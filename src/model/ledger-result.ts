import type { LedgerResult } from './event.ts';

/** How many acknowledged writes were not kept as promised: lost, there more than once, out of order, or not shown at once. */
export const brokenIn = (result: LedgerResult): number =>
  result.lostCount + result.duplicatedCount + (result.outOfOrderCount ?? 0) + (result.staleCount ?? 0);
