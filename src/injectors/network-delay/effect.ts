import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { formatSize } from '../../model/size.ts';

/**
 * What a delay did, from what the proxy counted.
 * `meanMs`, `minMs` and `maxMs` are delays that were achieved; `null` when no chunk waited to its end.
 */
export function delayEffect(counters: ProxyCounters, askedMs: number): Effect {
  const { connections = 0, chunks = 0, bytes = 0, delayedChunks = 0, cutShortChunks = 0, droppedChunks = 0 } = counters;
  const isMeasured = delayedChunks > 0;
  const figures = {
    bytes,
    chunks,
    connections,
    askedMs,
    meanMs: isMeasured ? (counters.delaySumMs ?? 0) / delayedChunks : null,
    minMs: isMeasured ? (counters.delayMinMs ?? 0) : null,
    maxMs: isMeasured ? (counters.delayMaxMs ?? 0) : null,
    cutShortChunks,
    droppedChunks,
  };
  if (chunks === 0) return { seen: 'unseen', summary: 'no bytes passed while it was in force', figures };
  const what = `${formatSize(bytes)} on ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
  const lost = droppedChunks > 0 ? `; ${droppedChunks} dropped, for too much waited` : '';
  const how =
    figures.meanMs === null
      ? `${what} held back, none for the whole delay`
      : `${what} delayed by ${figures.meanMs.toFixed(1)} ms on average (asked ${askedMs} ms)`;
  return { seen: 'seen', summary: `${how}${lost}`, figures };
}
