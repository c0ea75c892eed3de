import type { RunEvent } from '../../model/event.ts';
import type { Plan } from '../../model/plan.ts';
import type { Report } from '../../model/report.ts';

/** What became of each item of the checklist. */
export class Checklist {
  readonly #reports: Map<string, Report['checklist'][number]>;

  constructor(items: Plan['checklist']) {
    this.#reports = new Map(items.map(({ id, title, place }) => [id, { id, title, place, outcome: 'skipped' }]));
  }

  add(event: RunEvent): void {
    if (event.type !== 'item-checked') return;
    const report = this.#reports.get(event.item);
    if (!report) return;
    report.outcome = event.outcome;
    if (event.message !== undefined) report.message = event.message;
  }

  reports(): Report['checklist'] {
    return [...this.#reports.values()];
  }
}
