import type { RunEvent } from '../../model/event.ts';
import type { TargetReport } from '../../model/report.ts';
import type { Target } from '../../model/scenario.ts';

type Start = TargetReport['starts'][number];

/** How the targets came up, went down and came up again. */
export class Targets {
  readonly #reports = new Map<string, TargetReport>();

  constructor(targets: Target[]) {
    for (const { id, kind } of targets) this.#reports.set(id, { id, kind, starts: [] });
  }

  add(event: RunEvent): void {
    if (!('target' in event)) return;
    const report = this.#reports.get(event.target);
    if (!report) return;
    const latest = report.starts.at(-1);
    switch (event.type) {
      case 'target-started':
        report.starts.push(started(event.pid, event.atMs));
        break;
      case 'target-ready':
        if (latest) latest.readyMs = event.atMs;
        else report.starts.push({ ...started(event.pid, event.atMs - event.afterMs), readyMs: event.atMs });
        break;
      case 'target-exited': {
        const start = report.starts.findLast(({ pid }) => pid === event.pid) ?? latest;
        const { exitCode, signal, expected } = event;
        if (start) Object.assign(start, { exitMs: event.atMs, exitCode, signal, expected });
        if (event.lastOutput !== '') report.lastOutput = event.lastOutput;
        break;
      }
      case 'target-failed':
        report.failure = event.message;
        if (event.lastOutput !== '') report.lastOutput = event.lastOutput;
        break;
    }
  }

  reports(): TargetReport[] {
    return [...this.#reports.values()];
  }
}

const started = (pid: number | undefined, startMs: number): Start => ({
  ...(pid === undefined ? {} : { pid }),
  startMs,
  readyMs: null,
  exitMs: null,
  exitCode: null,
  signal: null,
  expected: true,
});
