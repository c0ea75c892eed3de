import type { Effect } from '../../model/fault.ts';
import { percent } from '../in-words.ts';

/** @param asked 0..1 */
export function lossEffect(packets: { met: number; hit: number } | undefined, asked: number): Effect {
  const { met = 0, hit = 0 } = packets ?? {};
  const figures = { packets: met, lost: hit, rate: met === 0 ? null : hit / met, askedRate: asked };
  if (!packets) return { seen: 'unseen', summary: 'the rules were gone before its time', figures };
  if (met === 0) return { seen: 'unseen', summary: 'no packet passed while it was in force', figures };
  return {
    seen: hit > 0 ? 'seen' : 'unseen',
    summary: `${hit} of ${met} packets lost: ${percent(hit / met)} (asked ${percent(asked)})`,
    figures,
  };
}
