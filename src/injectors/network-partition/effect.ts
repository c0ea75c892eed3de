import type { Effect } from '../../model/fault.ts';

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
