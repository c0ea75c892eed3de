import type { Effect } from '../../model/fault.ts';

/** @param figures `refused` is 1 when one more connection was asked for and not given */
export function connectionsEffect(figures: Record<string, number>, asked: number | 'all'): Effect {
  const { held = 0, refused = 0 } = figures;
  const isWhole = asked === 'all' ? refused === 1 : held >= asked || refused === 1;
  const more = refused === 1 ? 'one more was refused' : 'one more would have been given';
  return { seen: held > 0 && isWhole ? 'seen' : 'unseen', summary: `${held} connections held; ${more}`, figures };
}
