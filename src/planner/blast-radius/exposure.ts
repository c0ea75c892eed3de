import type { Diagnostic } from '../../model/diagnostic.ts';
import { formatDuration } from '../../model/duration.ts';
import { type FlatStep, isInjection } from '../flatten.ts';
import { begins, ended, middle, stepOf } from '../graph/event-graph.ts';
import { type Cover, stillCovering } from './cover.ts';
import { exceeded } from './exceeded.ts';
import type { Timeline } from './timeline.ts';

/** Refuses a timeline that is certain to hold the system under fault for too long, where that is first so. */
export function tooLongUnderFault(timeline: Timeline, cover: (Cover | undefined)[]): Diagnostic[] {
  const limit = timeline.limits.duration;
  if (limit === undefined) return [];
  const found = alongTheWays(timeline, cover, limit) ?? byTheClock(timeline, limit);
  if (!found) return [];
  const { flat, ms } = found;
  const message = `when "${flat.step.id}" ends, the system was under fault for at least ${formatDuration(ms)}`;
  const hint = 'hold faults for a shorter time, or allow more';
  return [exceeded('duration', formatDuration(limit), flat, { message, hint }, timeline)];
}

interface Exceeding {
  flat: FlatStep;
  /** Time under fault up to the end of that step. */
  ms: number;
}

/**
 * Steps that wait for each other are never at the same time, so the holds along one way through the graph add up;
 * under an open-ended injection, whatever takes time counts.
 */
function alongTheWays(
  { graph, order, steps }: Timeline,
  cover: (Cover | undefined)[],
  limit: number,
): Exceeding | undefined {
  const spent = new Float64Array(graph.nodes);
  for (const node of order) {
    const flat = steps[stepOf(node)];
    for (let edge = graph.firstIn[node]!; edge < graph.firstIn[node + 1]!; edge += 1) {
      const from = graph.source[edge]!;
      const isHold = flat && isInjection(flat) && node === ended(flat.index) && from === middle(flat.index);
      const isUnderFault = isHold || stillCovering(cover[from], node, steps) !== undefined;
      spent[node] = Math.max(spent[node]!, spent[from]! + (isUnderFault ? graph.min[edge]! : 0));
    }
    if (flat && spent[node]! > limit) return { flat, ms: spent[node]! };
  }
  return undefined;
}

/** The times that are certain by the clock, counted once where they overlap. */
function byTheClock({ steps, times }: Timeline, limit: number): Exceeding | undefined {
  const certain = steps
    .filter(isInjection)
    .map((flat) => ({ flat, from: times.latest[begins(flat.index)]!, to: times.earliest[ended(flat.index)]! }))
    .filter(({ from, to }) => from < to)
    .sort((first, second) => first.from - second.from);
  let ms = 0;
  let until = 0;
  for (const { flat, from, to } of certain) {
    ms += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
    if (ms > limit) return { flat, ms };
  }
  return undefined;
}
