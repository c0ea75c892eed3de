import type { RunEvent } from '../../model/event.ts';
import type { Effect } from '../../model/fault.ts';
import type { PlannedInjection, PlannedStep } from '../../model/plan.ts';
import type { InjectionReport } from '../../model/report.ts';
import { notRecovered } from './recovery.ts';
import { type Successor, withSuccessor } from './successor.ts';

interface Injection {
  step: PlannedStep;
  action: PlannedInjection;
  report: InjectionReport;
  /** As told when it began. */
  plannedMs?: number;
  armed: boolean;
  /** Of its target's processes, the one it met. */
  generation: number;
  watching: boolean;
  successor?: Successor;
}

/** What became of each injection of the plan. Recovery is not known here: it needs the probes. */
export class Injections {
  readonly #injections = new Map<string, Injection>();
  readonly #generations = new Map<string, number>();
  #timelineMs = 0;

  constructor(steps: PlannedStep[]) {
    for (const step of steps)
      if (step.action.kind === 'inject')
        this.#injections.set(step.id, {
          step,
          action: step.action,
          report: notBegun(step, step.action),
          armed: false,
          generation: 0,
          watching: false,
        });
  }

  add(event: RunEvent): void {
    if (event.type === 'phase-started' && event.phase === 'timeline') this.#timelineMs = event.atMs;
    if (event.type === 'target-ready') this.#ready(event);
    if (event.type === 'target-started' || event.type === 'target-ready')
      this.#generations.set(event.target, event.generation);
    const injection = 'step' in event ? this.#injections.get(event.step) : undefined;
    if (injection) this.#advance(injection, event);
  }

  /** Injections that were begun: their undo was written down and the harm set going. */
  get begun(): number {
    return [...this.#injections.values()].filter(({ armed }) => armed).length;
  }

  reports(): InjectionReport[] {
    return [...this.#injections.values()].map(({ step, action, report, plannedMs, successor }) => ({
      ...report,
      planned: planned(action, plannedMs ?? this.#timelineMs + step.expected.earliestStartMs),
      effect: withSuccessor(report.effect, successor),
    }));
  }

  #advance(injection: Injection, event: RunEvent): void {
    const { report, action } = injection;
    switch (event.type) {
      case 'step-started':
        injection.plannedMs = event.plannedMs;
        report.actual.startMs = event.atMs;
        break;
      case 'injection-armed':
        injection.armed = true;
        report.actual.startMs ??= event.atMs;
        // From here on it may be in force, whatever happens to the one who does it.
        report.state = 'in-force';
        report.effect = unseen('armed; whether it took force was not seen');
        report.inject = event.inject;
        report.undo = event.undo;
        this.#watch(injection);
        break;
      case 'injection-in-force':
        report.actual.inForceMs = event.atMs;
        report.effect = event.effect;
        report.state = action.hold === 'instant' ? 'instant' : 'in-force';
        if (action.hold === 'instant') report.actual.endMs = event.atMs;
        break;
      case 'injection-failed':
        report.state = 'failed';
        report.actual.endMs = event.atMs;
        report.effect = unseen('it could not be injected');
        report.message = event.message;
        break;
      case 'injection-undone':
        // The last look counts: what was seen at first may not have lasted.
        if (event.effect) report.effect = event.effect;
        if (event.message !== undefined) report.message ??= event.message;
        if (action.hold !== 'instant') this.#undone(injection, event.atMs, event.gone);
        break;
      case 'injection-stuck':
        report.state = 'stuck';
        report.undo = event.undo;
        report.gone = false;
        report.message = event.message;
        break;
    }
  }

  #undone(injection: Injection, atMs: number, gone: boolean): void {
    const { report } = injection;
    injection.watching = false;
    report.actual.endMs = atMs;
    report.gone = gone;
    if (report.state !== 'failed') report.state = 'undone';
  }

  /** The target's next process counts for this injection, and no longer for those before it. */
  #watch(injection: Injection): void {
    const { target } = injection.action;
    if (target === undefined) return;
    for (const other of this.#injections.values()) if (other.action.target === target) other.watching = false;
    injection.watching = true;
    injection.generation = this.#generations.get(target) ?? 0;
  }

  #ready({ target, pid, generation, atMs }: Extract<RunEvent, { type: 'target-ready' }>): void {
    for (const injection of this.#injections.values()) {
      if (!injection.watching || injection.action.target !== target || generation <= injection.generation) continue;
      injection.watching = false;
      injection.successor = {
        ...(pid === undefined ? {} : { pid }),
        readyAfterMs: atMs - (injection.report.actual.startMs ?? atMs),
      };
    }
  }
}

function notBegun(step: PlannedStep, action: PlannedInjection): InjectionReport {
  return {
    step: step.id,
    fault: action.fault,
    ...(action.target === undefined ? {} : { target: action.target }),
    parameters: action.with,
    place: step.place,
    planned: { startMs: 0, endMs: null },
    actual: { startMs: null, inForceMs: null, endMs: null },
    state: 'not-begun',
    effect: unseen('never injected'),
    inject: [],
    undo: [],
    gone: null,
    recovery: notRecovered,
  };
}

/** `startMs` of one that never began is its earliest. */
function planned({ hold }: PlannedInjection, startMs: number): InjectionReport['planned'] {
  return { startMs, endMs: typeof hold === 'object' && 'for' in hold ? startMs + hold.for : null };
}

const unseen = (summary: string): Effect => ({ seen: 'unseen', summary, figures: {} });
