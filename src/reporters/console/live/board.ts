import type { Outcome, Phase, RunEvent, Sample } from '../../../model/event.ts';
import type { Plan, PlannedAction, PlannedStep } from '../../../model/plan.ts';
import { oneLine } from '../../../text/clean.ts';
import { DueOrder } from '../../fold/due-order.ts';
import { OutageTracker } from '../../fold/outages.ts';
import { isGroup } from '../../text/step-kind.ts';

/** One step as it stands. Texts are clean. */
export interface StepRow {
  id: string;
  title: string;
  depth: number;
  state: 'waiting' | 'running' | Outcome;
  /** When what it waits for or holds is over at the latest; `null` without such a limit. */
  untilMs: number | null;
  /** What it did, or why it failed. */
  note: string;
}

/** One probe as it stands. */
export interface ProbeRow {
  id: string;
  state: { is: 'unknown' } | { is: 'healthy' } | { is: 'failing'; sinceMs: number; reason: string };
}

/** What the live view shows, kept up with the events: adding one costs the same in a run of ten steps and of ten thousand. */
export class Board {
  readonly name: string;
  readonly steps: StepRow[];
  phase: Phase = 'start';
  /** When the phase is over at the latest. */
  phaseUntilMs: number | null = null;
  /** The latest moment that an event told of. */
  nowMs = 0;
  /** The step that was last begun or ended: what to show when not all fit. */
  focus = 0;
  done = 0;
  readonly #plan: Plan;
  readonly #indexes: Map<string, number>;
  readonly #planned: Map<string, PlannedStep>;
  readonly #watches: Map<string, Watch>;

  constructor(plan: Plan) {
    const steps = plan.steps.filter(({ action }) => !isGroup(action.kind));
    this.#plan = plan;
    this.name = oneLine(plan.scenario.name);
    this.steps = steps.map(stepRow);
    this.#planned = new Map(steps.map((step) => [step.id, step]));
    this.#indexes = new Map(steps.map(({ id }, index) => [id, index]));
    this.#watches = new Map(plan.probes.map((probe) => [probe.id, new Watch(probe)]));
  }

  get probes(): ProbeRow[] {
    return [...this.#watches.values()].map((watch) => watch.row);
  }

  add(event: RunEvent): void {
    this.nowMs = Math.max(this.nowMs, event.atMs);
    if (event.type === 'phase-started') this.#beginPhase(event.phase, event.atMs);
    if (event.type === 'samples') for (const sample of event.samples) this.#watches.get(event.probe)?.add(sample);
    if ('step' in event) this.#advance(event, this.#indexes.get(event.step));
  }

  #beginPhase(phase: Phase, atMs: number): void {
    const limits: Partial<Record<Phase, number>> = { baseline: this.#plan.baselineMs, recovery: this.#plan.recoveryMs };
    const limit = limits[phase];
    this.phase = phase;
    this.phaseUntilMs = limit === undefined ? null : atMs + limit;
  }

  #advance(event: Extract<RunEvent, { step: string }>, index: number | undefined): void {
    if (index === undefined) return;
    const row = this.steps[index]!;
    const { action } = this.#planned.get(row.id)!;
    this.focus = index;
    switch (event.type) {
      case 'step-started':
        row.state = 'running';
        row.untilMs = limitOf(action, event.atMs);
        break;
      case 'injection-in-force':
        row.note = oneLine(event.effect.summary);
        row.untilMs = heldUntil(action, event.atMs);
        break;
      case 'injection-undone':
        if (event.effect) row.note = oneLine(event.effect.summary);
        row.untilMs = null;
        break;
      case 'injection-failed':
      case 'injection-stuck':
        row.note = oneLine(event.message);
        break;
      case 'step-ended':
        if (row.state === 'waiting' || row.state === 'running') this.done += 1;
        row.state = event.outcome;
        row.untilMs = null;
        if (event.message !== undefined) row.note = oneLine(event.message);
        break;
    }
  }
}

const stepRow = ({ id, title, depth }: PlannedStep): StepRow => ({
  id: oneLine(id),
  title: oneLine(title),
  depth,
  state: 'waiting',
  untilMs: null,
  note: '',
});

function limitOf(action: PlannedAction, startMs: number): number | null {
  switch (action.kind) {
    case 'await':
    case 'approve':
      return startMs + action.within;
    case 'assert':
      return startMs + (action.for ?? action.within);
    case 'pause':
      return startMs + action.for;
    default:
      return null;
  }
}

const heldUntil = (action: PlannedAction, inForceMs: number): number | null =>
  action.kind === 'inject' && typeof action.hold === 'object' && 'for' in action.hold
    ? inForceMs + action.hold.for
    : null;

/** Follows one probe. */
class Watch {
  readonly #id: string;
  readonly #order: DueOrder;
  readonly #tracker: OutageTracker;
  #measured = false;

  constructor(probe: Plan['probes'][number]) {
    this.#id = oneLine(probe.id);
    this.#tracker = new OutageTracker(probe);
    this.#order = new DueOrder(probe, (sample) => this.#tracker.add(sample));
  }

  add(sample: Sample): void {
    if (sample.state !== 'unmeasured') this.#measured = true;
    this.#order.add(sample);
  }

  get row(): ProbeRow {
    const outage = this.#tracker.current;
    if (outage)
      return {
        id: this.#id,
        state: { is: 'failing', sinceMs: outage.startMs, reason: oneLine(outage.reason ?? '') },
      };
    return { id: this.#id, state: { is: this.#measured ? 'healthy' : 'unknown' } };
  }
}
