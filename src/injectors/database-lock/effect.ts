import type { Effect } from '../../model/fault.ts';

/** By the account of the database itself. */
export function lockEffect(figures: Record<string, number>): Effect {
  const { held = 0, sessionsThatWaited = 0, mostAtOnce = 0 } = figures;
  if (held === 0) return { seen: 'unseen', summary: 'the lock was gone before its time', figures };
  if (sessionsThatWaited === 0) return { seen: 'unseen', summary: 'nobody waited for the lock', figures };
  const who = sessionsThatWaited === 1 ? '1 session' : `${sessionsThatWaited} sessions`;
  return { seen: 'seen', summary: `${who} waited for the lock, up to ${mostAtOnce} at once`, figures };
}
