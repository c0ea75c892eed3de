import type { EventGraph } from './event-graph.ts';

/** The nodes so that each stands after everything it waits for. Nodes on or behind a cycle are left out. */
export function inOrder(graph: EventGraph): Int32Array {
  const { nodes, firstIn } = graph;
  const { firstOut, target } = outgoing(graph);
  const missing = new Int32Array(nodes);
  const order = new Int32Array(nodes);
  let found = 0;
  for (let node = 0; node < nodes; node += 1) {
    missing[node] = firstIn[node + 1]! - firstIn[node]!;
    if (missing[node] === 0) order[found++] = node;
  }
  for (let next = 0; next < found; next += 1) {
    const node = order[next]!;
    for (let edge = firstOut[node]!; edge < firstOut[node + 1]!; edge += 1) {
      const after = target[edge]!;
      missing[after]! -= 1;
      if (missing[after] === 0) order[found++] = after;
    }
  }
  return order.subarray(0, found);
}

function outgoing({ nodes, firstIn, source }: EventGraph): { firstOut: Int32Array; target: Int32Array } {
  const firstOut = new Int32Array(nodes + 1);
  for (const node of source) firstOut[node + 1]! += 1;
  for (let node = 0; node < nodes; node += 1) firstOut[node + 1]! += firstOut[node]!;
  const free = firstOut.slice();
  const target = new Int32Array(source.length);
  for (let node = 0; node < nodes; node += 1)
    for (let edge = firstIn[node]!; edge < firstIn[node + 1]!; edge += 1) target[free[source[edge]!]!++] = node;
  return { firstOut, target };
}
