import { type Duration, formatDuration } from '../../model/duration.ts';
import type { Effect, Sight } from '../../model/fault.ts';
import { inWords } from '../in-words.ts';

/** How far what a program sees may lie from what was asked: it takes a while to start one. */
const toleranceMs = 500;

/** Right after the clock was set. */
export async function clockBegun(sight: Sight): Promise<Effect> {
  const { reached, others, aheadMs } = await sight.clock();
  const figures = { reached: reached.length, notReached: others.length, aheadMs };
  if (reached.length === 0)
    return { seen: 'unseen', summary: `${inWords(others)} cannot be reached: linked statically?`, figures };
  const except = others.length > 0 ? `, but not ${inWords(others)}` : '';
  return {
    seen: 'seen',
    summary: `${inWords(reached)} ${reached.length === 1 ? 'sees' : 'see'} a clock that is ${ahead(aheadMs)}${except}`,
    figures,
  };
}

/** Right before it is set right. */
export async function clockTotal(sight: Sight): Promise<Effect> {
  const effect = await clockBegun(sight);
  return effect.seen === 'unseen' ? { ...effect, summary: 'nobody who sees that clock was left' } : effect;
}

/** Whether a program that asks now is told the right time. */
export async function clockEnded(sight: Sight): Promise<string | undefined> {
  const { aheadMs } = await sight.clock();
  return Math.abs(aheadMs) < toleranceMs ? undefined : `the clock is still ${ahead(aheadMs)}`;
}

function ahead(ms: number): string {
  const rounded = Math.round(ms / 100) * 100;
  return `${formatDuration(Math.abs(rounded) as Duration)} ${rounded < 0 ? 'behind' : 'ahead'}`;
}
