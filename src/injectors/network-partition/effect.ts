import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { formatSize } from '../../model/size.ts';
import { resetEffect } from '../connection-reset/effect.ts';

/** What the kernel counted. A partition that nobody tried to cross proves nothing. */
export function partitionEffect(packets: { met: number; hit: number } | undefined, mode: 'drop' | 'reject'): Effect {
  const stopped = packets?.hit ?? 0;
  const figures = { packets: stopped };
  if (!packets) return { seen: 'unseen', summary: 'the rules were gone before its time', figures };
  if (stopped === 0) return { seen: 'unseen', summary: 'no packet tried to cross it', figures };
  return {
    seen: 'seen',
    summary: `${stopped === 1 ? '1 packet' : `${stopped} packets`} ${mode === 'drop' ? 'dropped' : 'rejected'}`,
    figures,
  };
}

/** What the proxy counted. */
export function linkPartitionEffect(counters: ProxyCounters, mode: 'drop' | 'reject'): Effect {
  if (mode === 'reject') return resetEffect(counters);
  const { connections = 0, bytes = 0 } = counters;
  const figures = { connections, bytes };
  if (connections === 0) return { seen: 'unseen', summary: 'nobody tried to cross it', figures };
  const of = connections === 1 ? '1 connection' : `${connections} connections`;
  return { seen: 'seen', summary: `${formatSize(bytes)} of ${of} did not pass while it was in force`, figures };
}
