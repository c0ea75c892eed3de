import type { Dependency } from '../../model/plan.ts';
import type { Start } from '../dependencies.ts';
import { type FlatStep, isGroup } from '../flatten.ts';
import type { Spans } from '../spans.ts';

/**
 * What has to happen before what. A node is one moment of one step, and an edge says that its later end comes at least
 * `min` and, once everything else it waits for has happened, at most `max` milliseconds after its earlier end:
 *
 *     step       begins ──▶ started ──▶ ended             (an injection is in force from `started` on)
 *     group      begins ──▶ worked ───▶ ended
 *                   └▶ members ─┘ └▶ open-ended members are undone ─▶ ended
 *
 * The timeline itself is one more group, after all steps. In typed arrays, since scenarios may have 100,000 steps.
 */
export interface EventGraph {
  nodes: number;
  /** Edges into node `n` are those from `firstIn[n]` to `firstIn[n + 1]`; `source`, `min` and `max` are theirs. */
  firstIn: Int32Array;
  source: Int32Array;
  min: Float64Array;
  max: Float64Array;
  /** Not before this moment of the timeline, per node. */
  notBefore: Float64Array;
}

/** The three moments of a step; `middle` is `started` for a single step and `worked` for a group. */
export const begins = (step: number): number => 3 * step;
export const middle = (step: number): number => 3 * step + 1;
export const ended = (step: number): number => 3 * step + 2;
export const stepOf = (node: number): number => Math.floor(node / 3);

/** The node that a dependency names. A group has started when it begins. */
const nodeOf = (on: FlatStep, event: Dependency['event']): number => {
  if (event === 'ended') return ended(on.index);
  return isGroup(on) ? begins(on.index) : middle(on.index);
};

export function eventGraph(
  steps: FlatStep[],
  starts: Start[],
  spans: Spans[],
  byId: ReadonlyMap<string, FlatStep>,
): EventGraph {
  // Two edges of the timeline, at most five of each step, and one for whatever it waits for.
  const most = starts.reduce((total, { waitsFor }) => total + waitsFor.length + 5, 2);
  const edges = new Edges(3 * (steps.length + 1), most);
  const timeline = steps.length;
  edges.add(begins(timeline), middle(timeline));
  edges.add(middle(timeline), ended(timeline));
  const notBefore = new Float64Array(edges.nodes);
  for (const flat of steps) {
    const { index } = flat;
    const { waitsFor, delayMs, atMs } = starts[index]!;
    const { start, hold, undo } = spans[index]!;
    const group = flat.parent?.index ?? timeline;

    if (atMs !== undefined) notBefore[begins(index)] = atMs;
    if (waitsFor.length === 0) edges.add(begins(timeline), begins(index), delayMs);
    for (const { step, event } of waitsFor) edges.add(nodeOf(byId.get(step)!, event), begins(index), delayMs);

    edges.add(begins(index), middle(index), start.min, start.max);
    if (flat.isOpenEnded) {
      edges.add(middle(index), middle(group));
      edges.add(middle(group), ended(index), undo.min, undo.max);
      edges.add(ended(index), ended(group));
    } else {
      edges.add(middle(index), ended(index), hold.min + undo.min, hold.max + undo.max);
      edges.add(ended(index), middle(group));
    }
  }
  return { ...edges.byTarget(), nodes: edges.nodes, notBefore };
}

/** Edges as they are found. */
class Edges {
  readonly nodes: number;
  readonly #source: Int32Array;
  readonly #target: Int32Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  #count = 0;

  constructor(nodes: number, most: number) {
    this.nodes = nodes;
    this.#source = new Int32Array(most);
    this.#target = new Int32Array(most);
    this.#min = new Float64Array(most);
    this.#max = new Float64Array(most);
  }

  add(source: number, target: number, min = 0, max = min): void {
    const edge = this.#count++;
    this.#source[edge] = source;
    this.#target[edge] = target;
    this.#min[edge] = min;
    this.#max[edge] = max;
  }

  byTarget(): Pick<EventGraph, 'firstIn' | 'source' | 'min' | 'max'> {
    const count = this.#count;
    const firstIn = new Int32Array(this.nodes + 1);
    for (let edge = 0; edge < count; edge += 1) firstIn[this.#target[edge]! + 1]! += 1;
    for (let node = 0; node < this.nodes; node += 1) firstIn[node + 1]! += firstIn[node]!;
    const free = firstIn.slice();
    const sorted = { source: new Int32Array(count), min: new Float64Array(count), max: new Float64Array(count) };
    for (let edge = 0; edge < count; edge += 1) {
      const at = free[this.#target[edge]!]!++;
      sorted.source[at] = this.#source[edge]!;
      sorted.min[at] = this.#min[edge]!;
      sorted.max[at] = this.#max[edge]!;
    }
    return { firstIn, ...sorted };
  }
}
