import type { Diagnostic } from '../../model/diagnostic.ts';
import { tooManyAtOnce } from './concurrent.ts';
import { coverOf } from './cover.ts';
import { tooLongUnderFault } from './exposure.ts';
import { tooLargeAShare } from './share.ts';
import { tooManyTargets } from './targets.ts';
import type { Timeline } from './timeline.ts';
import { twiceAtOnce } from './twice-at-once.ts';

/**
 * Refuses a timeline that is certain to harm more than its author allowed. What is merely possible, because an end is
 * open, is left to the run, which looks again when the time of each injection has come.
 */
export function blastRadius(timeline: Timeline): Diagnostic[] {
  const { concurrentFaults, duration } = timeline.limits;
  const needsCover = concurrentFaults !== undefined || duration !== undefined;
  const cover = needsCover ? coverOf(timeline) : [];
  return [
    ...twiceAtOnce(timeline),
    ...tooManyAtOnce(timeline, cover),
    ...tooLongUnderFault(timeline, cover),
    ...tooManyTargets(timeline),
    ...tooLargeAShare(timeline),
  ];
}
