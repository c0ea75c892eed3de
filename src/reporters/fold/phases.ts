import type { RunEvent } from '../../model/event.ts';
import type { Report } from '../../model/report.ts';

type PhaseReport = Report['phases'][number];

/** The phases that were begun. One whose end is not told is unknown. */
export class Phases {
  readonly #reports: PhaseReport[] = [];

  add(event: RunEvent): void {
    if (event.type === 'phase-started')
      this.#reports.push({ phase: event.phase, startMs: event.atMs, endMs: null, outcome: 'unknown' });
    if (event.type !== 'phase-ended') return;
    const { phase, outcome, message } = event;
    const report = this.#reports.findLast((started) => started.phase === phase);
    if (!report) return;
    Object.assign(report, { endMs: event.atMs, outcome, ...(message === undefined ? {} : { message }) });
  }

  /** Whether the whole timeline was gone through, and the recovery after it where there was one. */
  get complete(): boolean {
    const [timeline, recovery] = (['timeline', 'recovery'] as const).map((name) =>
      this.#reports.find(({ phase }) => phase === name),
    );
    return typeof timeline?.endMs === 'number' && recovery?.endMs !== null;
  }

  reports(): PhaseReport[] {
    return this.#reports;
  }
}
