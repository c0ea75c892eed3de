import type { EventGraph } from './event-graph.ts';

/** When each moment comes, in milliseconds from the timeline's start; `latest` is `Infinity` when nothing bounds it. */
export interface Times {
  earliest: Float64Array;
  latest: Float64Array;
}

/** Follows the longest ways through the graph: a moment comes when the last of all that it waits for has. */
export function timesOf(graph: EventGraph, order: Int32Array): Times {
  const { firstIn, source, min, max, notBefore } = graph;
  const earliest = notBefore.slice();
  const latest = notBefore.slice();
  for (const node of order)
    for (let edge = firstIn[node]!; edge < firstIn[node + 1]!; edge += 1) {
      const from = source[edge]!;
      earliest[node] = Math.max(earliest[node]!, earliest[from]! + min[edge]!);
      latest[node] = Math.max(latest[node]!, latest[from]! + max[edge]!);
    }
  return { earliest, latest };
}
