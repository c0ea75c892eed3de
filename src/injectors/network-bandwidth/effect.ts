import type { Effect, ProxyCounters, QueueCounts } from '../../model/fault.ts';
import { formatRate } from '../../model/rate.ts';

/** @param askedRate bytes a second */
export function bandwidthEffect(queue: QueueCounts | undefined, askedRate: number): Effect {
  const { bytes = 0, heldBack = 0, dropped = 0, bytesPerSecond: rate = 0 } = queue ?? {};
  const figures = { askedBytesPerSecond: askedRate, bytesPerSecond: rate, bytes, heldBack, dropped };
  if (!queue) return { seen: 'unseen', summary: 'the limit was gone before its time', figures };
  if (heldBack === 0)
    return { seen: 'unseen', summary: `nothing reached the limit of ${formatRate(askedRate)}`, figures };
  return { seen: 'seen', summary: `${formatRate(rate)} on average (allowed ${formatRate(askedRate)})`, figures };
}

/** What the proxy counted; the rate is that of the times in which something waited. @param askedRate bytes a second */
export function linkBandwidthEffect(counters: ProxyCounters, askedRate: number): Effect {
  const { bytes = 0, heldPieces = 0, busyBytes = 0, busyMs = 0 } = counters;
  const rate = busyMs > 0 ? busyBytes / (busyMs / 1000) : 0;
  const figures = { askedBytesPerSecond: askedRate, bytesPerSecond: rate, bytes, heldBack: heldPieces };
  if (bytes === 0) return { seen: 'unseen', summary: 'no bytes passed while it was in force', figures };
  if (heldPieces === 0)
    return { seen: 'unseen', summary: `nothing waited for the limit of ${formatRate(askedRate)}`, figures };
  return {
    seen: 'seen',
    summary: `${formatRate(rate)} while something waited (allowed ${formatRate(askedRate)})`,
    figures,
  };
}
