import { availableParallelism } from 'node:os';
import type { Effect, StressUsage } from '../../model/fault.ts';
import { percent } from '../in-words.ts';

/** Less than this share of what was asked for says nothing about a system under that load. */
const leastShare = 0.5;

/**
 * What the kernel says that it got, against what was asked for.
 * @param load of each core, 0..1
 */
export function cpuEffect([usage]: StressUsage[], load: number, asked: number | 'all'): Effect {
  const cores = Math.min(asked === 'all' ? Number.POSITIVE_INFINITY : asked, availableParallelism());
  const figures = { cores, askedLoad: load, load: 0, cpuMs: 0, overMs: 0 };
  if (!usage) return { seen: 'unseen', summary: 'it ended before its time', figures };
  const got = usage.cpuMs / usage.overMs / cores;
  return {
    seen: got >= load * leastShare ? 'seen' : 'unseen',
    summary: `${cores === 1 ? '1 core' : `${cores} cores`} ${percent(got)} busy with it (asked ${percent(load)})`,
    figures: { ...figures, load: got, cpuMs: usage.cpuMs, overMs: usage.overMs },
  };
}
