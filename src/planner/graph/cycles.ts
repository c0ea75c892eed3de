import type { EventGraph } from './event-graph.ts';

/**
 * One shortest cycle of each knot of moments that wait for each other, in the direction of waiting: each element waits
 * for the next, the last for the first. It begins at the knot's node that `rank` puts first.
 */
export function cyclesOf(graph: EventGraph, rank: (node: number) => number): number[][] {
  return knots(graph).map((knot) => {
    const first = knot.reduce((best, node) => (rank(node) < rank(best) ? node : best));
    return shortestCycle(graph, first, new Set(knot));
  });
}

/**
 * Sets of nodes that all wait for each other, or of one that waits for itself.
 * @see R. Tarjan, Depth-first search and linear graph algorithms (1972); here with a stack of its own
 */
function knots({ nodes, firstIn, source }: EventGraph): number[][] {
  const found: number[][] = [];
  const number = new Int32Array(nodes); // 0: not seen yet
  const lowest = new Int32Array(nodes);
  const isOpen = new Uint8Array(nodes);
  const nextEdge = new Int32Array(nodes);
  const open: number[] = [];
  let count = 0;
  for (let root = 0; root < nodes; root += 1) {
    if (number[root]) continue;
    const path = [root];
    while (path.length > 0) {
      const node = path.at(-1)!;
      if (!number[node]) {
        number[node] = lowest[node] = ++count;
        nextEdge[node] = firstIn[node]!;
        isOpen[node] = 1;
        open.push(node);
      }
      if (nextEdge[node]! < firstIn[node + 1]!) {
        const other = source[nextEdge[node]!++]!;
        if (!number[other]) path.push(other);
        else if (isOpen[other]) lowest[node] = Math.min(lowest[node]!, number[other]!);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) lowest[before] = Math.min(lowest[before]!, lowest[node]!);
      if (lowest[node] !== number[node]) continue;
      const knot = open.splice(open.lastIndexOf(node));
      for (const member of knot) isOpen[member] = 0;
      if (knot.length > 1 || waitsForItself(node, firstIn, source)) found.push(knot);
    }
  }
  return found;
}

const waitsForItself = (node: number, firstIn: Int32Array, source: Int32Array): boolean =>
  source.subarray(firstIn[node], firstIn[node + 1]).includes(node);

function shortestCycle({ firstIn, source }: EventGraph, first: number, knot: ReadonlySet<number>): number[] {
  const cameFrom = new Map<number, number>();
  const queue = [first];
  for (const node of queue)
    for (let edge = firstIn[node]!; edge < firstIn[node + 1]!; edge += 1) {
      const other = source[edge]!;
      if (other === first) return pathTo(node, first, cameFrom);
      if (!knot.has(other) || cameFrom.has(other)) continue;
      cameFrom.set(other, node);
      queue.push(other);
    }
  throw new Error('a knot has a cycle through each of its nodes');
}

function pathTo(last: number, first: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path = [last];
  while (path.at(-1) !== first) path.push(cameFrom.get(path.at(-1)!)!);
  return path.reverse();
}
