import { totalmem } from 'node:os';
import type { Effect, StressUsage } from '../../model/fault.ts';
import { formatSize } from '../../model/size.ts';

/** Less than this share of what was asked for says nothing about a system that lacks it. */
const leastShare = 0.9;

/** @param amount bytes, or up to 1 a share of all memory */
export function memoryEffect([usage]: StressUsage[], amount: number): Effect {
  const askedBytes = amount <= 1 ? Math.round(amount * totalmem()) : amount;
  if (!usage) return { seen: 'unseen', summary: 'it ended before its time', figures: { askedBytes, bytes: 0 } };
  return {
    seen: usage.memoryBytes >= askedBytes * leastShare ? 'seen' : 'unseen',
    summary: `${formatSize(usage.memoryBytes)} of memory held (asked ${formatSize(askedBytes)})`,
    figures: { askedBytes, bytes: usage.memoryBytes },
  };
}
