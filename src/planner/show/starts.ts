import { formatDuration } from '../../model/duration.ts';
import type { PlannedStep } from '../../model/plan.ts';
import { formatMoment } from './moment.ts';

/** What makes a step start, in a few words: `at 30s`, `after slow`, `2s after slow starts`, `with both`. */
export function startsWhen({ waitsFor, delayMs, atMs, parent }: PlannedStep): string {
  if (atMs !== undefined) return `at ${formatMoment(atMs)}`;
  const others = waitsFor.filter(({ step, event }) => step !== parent || event !== 'started');
  const delay = delayMs > 0 ? formatDuration(delayMs) : '';
  if (others.length === 0) {
    if (parent !== undefined) return delay ? `${delay} after ${parent} starts` : `with ${parent}`;
    return `at ${formatMoment(delayMs)}`;
  }
  // A delay counts from the last of them, which may be the group's own start.
  const counted = delay ? waitsFor : others;
  const events = counted.map(({ step, event }) => (event === 'started' ? `${step} starts` : step));
  return `${delay} after ${events.join(', ')}`.trim();
}
