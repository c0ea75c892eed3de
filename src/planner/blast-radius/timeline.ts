import type { Places } from '../../model/place.ts';
import type { PlannedAction } from '../../model/plan.ts';
import type { Safety, TargetGroup } from '../../model/scenario.ts';
import type { FlatStep } from '../flatten.ts';
import type { EventGraph } from '../graph/event-graph.ts';
import type { Times } from '../graph/times.ts';
import type { Spans } from '../spans.ts';

/** What is known of a timeline once it was compiled. */
export interface Timeline {
  steps: FlatStep[];
  /** What each of them does. */
  actions: PlannedAction[];
  spans: Spans[];
  graph: EventGraph;
  /** The graph's nodes, each after what it waits for. */
  order: Int32Array;
  times: Times;
  places: Places;
  limits: Safety['blastRadius'];
  groups: TargetGroup[];
}
