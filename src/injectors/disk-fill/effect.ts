import type { Effect, StressUsage } from '../../model/fault.ts';
import { formatSize } from '../../model/size.ts';

/** @param askedBytes absent when all but a rest was asked for */
export function fillEffect([usage]: StressUsage[], askedBytes: number | undefined): Effect {
  const figures = { askedBytes: askedBytes ?? null, bytes: usage?.namelessBytes ?? 0 };
  if (!usage) return { seen: 'unseen', summary: 'it ended before its time', figures };
  const isWhole = usage.namelessBytes > 0 && usage.namelessBytes >= (askedBytes ?? 0);
  const asked = askedBytes === undefined ? '' : ` (asked ${formatSize(askedBytes)})`;
  return { seen: isWhole ? 'seen' : 'unseen', summary: `${formatSize(usage.namelessBytes)} taken${asked}`, figures };
}
