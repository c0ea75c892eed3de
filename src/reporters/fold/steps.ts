import type { RunEvent } from '../../model/event.ts';
import type { PlannedStep } from '../../model/plan.ts';
import type { StepReport } from '../../model/report.ts';

/** What became of each step of the plan. */
export class Steps {
  readonly #reports = new Map<string, StepReport>();

  constructor(steps: PlannedStep[]) {
    for (const { id, title, place, action } of steps)
      this.#reports.set(id, {
        id,
        title,
        kind: action.kind,
        place,
        plannedMs: null,
        startMs: null,
        endMs: null,
        outcome: 'skipped',
      });
  }

  add(event: RunEvent): void {
    if (event.type !== 'step-started' && event.type !== 'step-ended') return;
    const report = this.#reports.get(event.step);
    if (!report) return;
    if (event.type === 'step-started') {
      // Until its end is told, nobody knows what it came to.
      Object.assign(report, { plannedMs: event.plannedMs, startMs: event.atMs, outcome: 'unknown' });
      return;
    }
    const { outcome, message, result, lastSamples } = event;
    Object.assign(report, {
      // A step that is skipped ends without having begun.
      endMs: report.startMs === null ? null : event.atMs,
      outcome,
      ...(message === undefined ? {} : { message }),
      ...(result === undefined ? {} : { result }),
      ...(lastSamples === undefined ? {} : { lastSamples }),
    });
  }

  reports(): StepReport[] {
    return [...this.#reports.values()];
  }
}
