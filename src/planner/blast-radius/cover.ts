import { type FlatStep, isGroup } from '../flatten.ts';
import { ended, middle, stepOf } from '../graph/event-graph.ts';
import type { Timeline } from './timeline.ts';

/** Open-ended injections that are in force, the one that began last first: those of inner groups before those of outer. */
export interface Cover {
  injection: FlatStep;
  next: Cover | undefined;
  /** The first one of an outer group. */
  outer: Cover | undefined;
  count: number;
}

/**
 * The open-ended injections that are certain to be in force at each moment, whatever the clock says: the moment waits
 * for them to be in force, and they are held until a group ends that it belongs to. Where ways meet, the longest list
 * is kept, so some may be missing but none is too many.
 */
export function coverOf({ graph, order, steps }: Timeline): (Cover | undefined)[] {
  const cover = new Array<Cover | undefined>(graph.nodes);
  for (const node of order) {
    let best: Cover | undefined;
    for (let edge = graph.firstIn[node]!; edge < graph.firstIn[node + 1]!; edge += 1) {
      const inherited = stillCovering(cover[graph.source[edge]!], node, steps);
      if ((inherited?.count ?? 0) > (best?.count ?? 0)) best = inherited;
    }
    const flat = steps[stepOf(node)];
    cover[node] = flat?.isOpenEnded && node === middle(flat.index) ? covered(flat, best) : best;
  }
  return cover;
}

/** What of a list is certain to be in force at a later moment, too. */
export function stillCovering(cover: Cover | undefined, node: number, steps: FlatStep[]): Cover | undefined {
  let covering = cover;
  while (covering && !holdsAt(covering.injection, node, steps)) covering = covering.outer;
  return covering;
}

function covered(injection: FlatStep, next: Cover | undefined): Cover {
  const outer = next?.injection.parent === injection.parent ? next?.outer : next;
  return { injection, next, outer, count: (next?.count ?? 0) + 1 };
}

/** Whether a moment belongs to the group whose end the injection waits for. */
function holdsAt({ parent }: FlatStep, node: number, steps: FlatStep[]): boolean {
  const flat = steps[stepOf(node)];
  if (!flat) return !parent && node === middle(steps.length);
  if (flat.isOpenEnded && node === ended(flat.index)) return isInside(flat.parent, parent) && flat.parent !== parent;
  if (isGroup(flat) && node === middle(flat.index)) return isInside(flat, parent);
  return isInside(flat.parent, parent);
}

/** Whether `inner` is `outer` or lies within it; no group is the timeline. */
const isInside = (inner: FlatStep | undefined, outer: FlatStep | undefined): boolean =>
  !outer || (inner !== undefined && inner.index >= outer.index && inner.index <= outer.last);
