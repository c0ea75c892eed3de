import { createHistogram } from 'node:perf_hooks';
import type { Sample } from '../../model/event.ts';
import type { Place } from '../../model/place.ts';
import type { ProbeReport } from '../../model/report.ts';
import type { Probe } from '../../model/scenario.ts';
import { DueOrder } from './due-order.ts';
import { OutageTracker } from './outages.ts';
import type { EvidentOutage } from './recovery.ts';
import type { Window } from './window.ts';

const keptBad = 5;
const longestMicroseconds = 24 * 3600 * 1e6;

/** What one probe saw, in memory that does not grow with its samples. */
export class ProbeFigures {
  readonly probe: Probe;
  readonly #place: Place;
  readonly #window: Window;
  readonly #order: DueOrder;
  readonly #tracker: OutageTracker;
  // Of good answers only: a refused connection is quick, and must not make a service look fast.
  readonly #microseconds = createHistogram({ lowest: 1, highest: longestMicroseconds, figures: 3 });
  readonly #counts = { good: 0, bad: 0, unmeasured: 0 };
  #lastBad: Sample[] = [];
  #latestDueMs: number | null = null;
  #maxLatencyMs = 0;

  constructor(probe: Probe, place: Place, window: Window) {
    this.probe = probe;
    this.#place = place;
    this.#window = window;
    this.#tracker = new OutageTracker(probe);
    this.#order = new DueOrder(probe, (sample) => this.#tracker.add(sample));
  }

  add(sample: Sample): void {
    if (sample.state === 'bad') this.#lastBad = [...this.#lastBad, sample].slice(-keptBad);
    if (!this.#window.has(sample.dueMs)) return;
    this.#counts[sample.state] += 1;
    if (sample.state === 'good') this.#answered(sample.latencyMs);
    if (sample.state !== 'unmeasured') this.#latestDueMs = Math.max(this.#latestDueMs ?? 0, sample.dueMs);
    this.#order.add(sample);
  }

  /** Samples that were answered, well or badly. */
  get measured(): number {
    return this.#counts.good + this.#counts.bad;
  }

  /** Share of good samples among those measured; `null` when none was (not measured is not failed). */
  get availability(): number | null {
    return this.measured === 0 ? null : this.#counts.good / this.measured;
  }

  /** Share of bad samples among those measured; `null` when none was. */
  get errorRate(): number | null {
    return this.measured === 0 ? null : this.#counts.bad / this.measured;
  }

  /** When the last sample that was measured was due. */
  get latestDueMs(): number | null {
    return this.#latestDueMs;
  }

  /** @param percentile 0..100 @returns milliseconds, or `null` without a good answer */
  latencyMs(percentile: number): number | null {
    if (this.#counts.good === 0) return null;
    // The histogram answers with the upper end of a bucket.
    return Math.min(this.#microseconds.percentile(percentile) / 1000, this.#maxLatencyMs);
  }

  /** All outages, in the order of time; nothing more may be added after it. */
  outages(): EvidentOutage[] {
    this.#order.flush();
    const usualMs = this.latencyMs(99) ?? 0;
    return this.#tracker.outages.map(({ firstBadAnswerMs, ...outage }) => ({
      ...outage,
      evidentMs: Math.min(firstBadAnswerMs, outage.startMs + usualMs, outage.endMs ?? Number.POSITIVE_INFINITY),
    }));
  }

  report(): ProbeReport {
    return {
      id: this.probe.id,
      kind: this.probe.kind,
      place: this.#place,
      samples: this.measured + this.#counts.unmeasured,
      ...this.#counts,
      availability: this.availability,
      latencyMs:
        this.#counts.good === 0
          ? null
          : {
              p50: this.latencyMs(50)!,
              p95: this.latencyMs(95)!,
              p99: this.latencyMs(99)!,
              max: this.#maxLatencyMs,
            },
      lastBad: this.#lastBad,
    };
  }

  #answered(latencyMs: number): void {
    this.#maxLatencyMs = Math.max(this.#maxLatencyMs, latencyMs);
    this.#microseconds.record(microseconds(latencyMs));
  }
}

/** What a histogram takes: a whole number within its bounds. */
const microseconds = (ms: number): number => Math.min(longestMicroseconds, Math.max(1, Math.round(ms * 1000)));
