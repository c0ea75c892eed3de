import { begins } from '../graph/event-graph.ts';
import type { Timeline } from './timeline.ts';

/**
 * Moments that keep an exact distance to each other, whenever they come: two steps that wait for the same open end and
 * for nothing else start together. `frame` is the moment that a moment is measured from (the timeline's start, if its
 * time is known), `offset` how long after it, in milliseconds.
 */
export interface Frames {
  frame: Int32Array;
  offset: Float64Array;
}

export function framesOf({ steps, graph, order, times }: Timeline): Frames {
  const frame = new Int32Array(graph.nodes);
  const offset = new Float64Array(graph.nodes);
  for (const node of order) {
    const isKnown = times.earliest[node] === times.latest[node];
    const common = isKnown ? begins(steps.length) : commonFrame(node, graph, frame, times.earliest);
    frame[node] = common ?? node;
    if (isKnown) offset[node] = times.earliest[node]!;
    else if (common !== undefined) offset[node] = furthest(node, graph, offset);
  }
  return { frame, offset };
}

type Graph = Timeline['graph'];

/** The frame that everything which a moment waits for is in, if it then comes at an exact distance. */
function commonFrame(
  node: number,
  { firstIn, source, min, max, notBefore }: Graph,
  frame: Int32Array,
  earliest: Float64Array,
): number | undefined {
  const common = frame[source[firstIn[node]!]!];
  let earliestMs = 0;
  for (let edge = firstIn[node]!; edge < firstIn[node + 1]!; edge += 1) {
    const from = source[edge]!;
    if (frame[from] !== common || min[edge] !== max[edge]) return undefined;
    earliestMs = Math.max(earliestMs, earliest[from]! + min[edge]!);
  }
  // What may have to wait for the clock as well keeps no distance to anything.
  return notBefore[node]! > earliestMs ? undefined : common;
}

function furthest(node: number, { firstIn, source, min }: Graph, offset: Float64Array): number {
  let latest = 0;
  for (let edge = firstIn[node]!; edge < firstIn[node + 1]!; edge += 1)
    latest = Math.max(latest, offset[source[edge]!]! + min[edge]!);
  return latest;
}
