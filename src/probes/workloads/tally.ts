import type { Violation, WorkloadResult } from '../../model/event.ts';

const mostListed = 100;

/** What a workload did, and what it saw that cannot be. */
export class Tally {
  writes = 0;
  acknowledged = 0;
  reads = 0;
  readonly #violations: Violation[] = [];
  #violationCount = 0;

  accuse(atMs: number, message: string): void {
    this.#violationCount += 1;
    if (this.#violations.length < mostListed) this.#violations.push({ atMs, message });
  }

  result(): WorkloadResult {
    const { writes, acknowledged, reads } = this;
    return { writes, acknowledged, reads, violations: this.#violations, violationCount: this.#violationCount };
  }
}
