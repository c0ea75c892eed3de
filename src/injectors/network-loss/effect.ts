import type { Effect, ProxyCounters, QueueCounts } from '../../model/fault.ts';
import { percent } from '../in-words.ts';

/** @param asked 0..1 */
export function lossEffect(packets: { met: number; hit: number } | undefined, asked: number): Effect {
  const { met = 0, hit = 0 } = packets ?? {};
  const figures = { packets: met, lost: hit, rate: met === 0 ? null : hit / met, askedRate: asked };
  if (!packets) return { seen: 'unseen', summary: 'it was gone before its time', figures };
  if (met === 0) return { seen: 'unseen', summary: 'no packet passed while it was in force', figures };
  return {
    seen: hit > 0 ? 'seen' : 'unseen',
    summary: `${hit} of ${met} packets lost: ${percent(hit / met)} (asked ${percent(asked)})`,
    figures,
  };
}

/** What netem dropped of what it was given. */
export const lostInQueue = (queue: QueueCounts | undefined): { met: number; hit: number } | undefined =>
  queue && { met: queue.packets + queue.dropped, hit: queue.dropped };

/** What the proxy counted: datagrams, or what the loss did to streams. @param asked 0..1 */
export function linkLossEffect(counters: ProxyCounters, asked: number): Effect {
  const { datagrams, hit = 0 } = counters;
  return datagrams === undefined ? stallEffect(counters, asked) : lossEffect({ met: datagrams, hit }, asked);
}

function stallEffect(counters: ProxyCounters, asked: number): Effect {
  const { segments = 0, lost = 0, stalls = 0, stallSumMs = 0, stallMaxMs = 0 } = counters;
  const meanMs = stalls > 0 ? stallSumMs / stalls : null;
  const figures = { segments, lost, stalls, meanStallMs: meanMs, longestStallMs: stallMaxMs, askedRate: asked };
  if (segments === 0) return { seen: 'unseen', summary: 'no bytes passed while it was in force', figures };
  if (stalls === 0 || meanMs === null)
    return { seen: 'unseen', summary: `none of ${segments} segments was lost (asked ${percent(asked)})`, figures };
  const times = `${meanMs.toFixed(0)} ms on average, ${stallMaxMs.toFixed(0)} ms at most`;
  return { seen: 'seen', summary: `${lost} of ${segments} segments lost; ${stalls} stalls, ${times}`, figures };
}
