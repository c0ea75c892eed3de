import type { RunEvent, WorkloadResult } from '../../model/event.ts';
import type { WorkloadReport } from '../../model/report.ts';
import { plural } from '../../text/plural.ts';
import { listSome } from '../text/figures.ts';

/** What the workloads found at the end; the last word on each counts. */
export class Workloads {
  readonly #kinds: Map<string, string>;
  readonly #reports = new Map<string, WorkloadReport>();

  constructor(probes: { id: string; kind: string }[]) {
    this.#kinds = new Map(probes.map(({ id, kind }) => [id, kind]));
  }

  add(event: RunEvent): void {
    if (event.type !== 'workload-verified' && event.type !== 'workload-unreadable') return;
    const { probe } = event;
    const about = { probe, kind: this.#kinds.get(probe) ?? '' };
    this.#reports.set(probe, {
      ...about,
      ...(event.type === 'workload-verified' ? { result: event.result } : { unreadable: event.message }),
    });
  }

  reports(): WorkloadReport[] {
    return [...this.#reports.values()];
  }
}

/** `broke its promise 2 times: went back from 3 to 2, …`; `undefined` when it was kept. */
export function violationsIn({ violations, violationCount }: WorkloadResult): string | undefined {
  if (violationCount === 0) return undefined;
  const said = listSome(
    violations.map(({ message }) => message),
    3,
    violationCount,
  );
  return `broke its promise ${plural(violationCount, 'time')}: ${said}`;
}

/** `register: 80 of 82 writes acknowledged, 164 reads` */
export const workloadInWords = (kind: string, { writes, acknowledged, reads }: WorkloadResult): string =>
  `${kind}, ${acknowledged} of ${plural(writes, 'write')} acknowledged, ${plural(reads, 'read')}`;
