import type { Diagnostic } from '../../model/diagnostic.ts';
import { isInjection } from '../flatten.ts';
import { exceeded } from './exceeded.ts';
import type { Timeline } from './timeline.ts';

/** Refuses the first injection that harms one target too many. */
export function tooManyTargets(timeline: Timeline): Diagnostic[] {
  const limit = timeline.limits.targets;
  if (limit === undefined) return [];
  const harmed = new Set<string>();
  for (const flat of timeline.steps) {
    if (!isInjection(flat) || flat.step.target === undefined) continue;
    harmed.add(flat.step.target);
    if (harmed.size <= limit) continue;
    const message = `"${flat.step.id}" harms target number ${harmed.size}: ${flat.step.target}`;
    const hint = `harmed already: ${[...harmed].slice(0, -1).join(', ')}`;
    return [exceeded('targets', String(limit), flat, { message, hint }, timeline)];
  }
  return [];
}
