import { createHistogram } from 'node:perf_hooks';
import type { Sample } from '../../model/event.ts';

const longestMicroseconds = 24 * 3600 * 1e6;

/** What samples come to, in memory that does not grow with their number. */
export class Figures {
  // Of good answers only: a refused connection is quick, and must not make a service look fast.
  readonly #microseconds = createHistogram({ lowest: 1, highest: longestMicroseconds, figures: 3 });
  readonly counts = { good: 0, bad: 0, unmeasured: 0 };
  maxLatencyMs = 0;

  add({ state, latencyMs }: Sample): void {
    this.counts[state] += 1;
    if (state !== 'good') return;
    this.maxLatencyMs = Math.max(this.maxLatencyMs, latencyMs);
    this.#microseconds.record(microseconds(latencyMs));
  }

  /** Samples that were answered, well or badly. */
  get measured(): number {
    return this.counts.good + this.counts.bad;
  }

  /** Share of good samples among those measured; `null` when none was (not measured is not failed). */
  get availability(): number | null {
    return this.measured === 0 ? null : this.counts.good / this.measured;
  }

  /** Share of bad samples among those measured; `null` when none was. */
  get errorRate(): number | null {
    return this.measured === 0 ? null : this.counts.bad / this.measured;
  }

  /** @param percentile 0..100 @returns milliseconds, or `null` without a good answer */
  latencyMs(percentile: number): number | null {
    if (this.counts.good === 0) return null;
    // The histogram answers with the upper end of a bucket.
    return Math.min(this.#microseconds.percentile(percentile) / 1000, this.maxLatencyMs);
  }
}

/** What a histogram takes: a whole number within its bounds. */
const microseconds = (ms: number): number => Math.min(longestMicroseconds, Math.max(1, Math.round(ms * 1000)));
