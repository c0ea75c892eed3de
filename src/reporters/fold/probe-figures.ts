import type { Sample } from '../../model/event.ts';
import type { Place } from '../../model/place.ts';
import type { ProbeReport } from '../../model/report.ts';
import type { Probe } from '../../model/scenario.ts';
import { DueOrder } from './due-order.ts';
import { Figures } from './figures.ts';
import { LatencyCounts } from './latency-counts.ts';
import { OutageTracker } from './outages.ts';
import type { EvidentOutage } from './recovery.ts';
import type { Window } from './window.ts';
import type { Windows } from './windows.ts';

const keptBad = 5;

/** What one probe saw, in memory that does not grow with its samples. */
export class ProbeFigures {
  readonly probe: Probe;
  readonly #place: Place;
  readonly #window: Window;
  readonly #windows: Windows;
  readonly #order: DueOrder;
  readonly #tracker: OutageTracker;
  /** Of the time in which samples count. */
  readonly whole = new Figures();
  /** Of the good answers of that time. */
  readonly latencies = new LatencyCounts();
  /** Of the times that objectives are about. */
  readonly #parts: Map<string, Figures>;
  #lastBad: Sample[] = [];
  #latestDueMs: number | null = null;

  constructor(probe: Probe, place: Place, window: Window, windows: Windows) {
    this.probe = probe;
    this.#place = place;
    this.#window = window;
    this.#windows = windows;
    this.#parts = new Map(windows.names.map((name) => [name, new Figures()]));
    this.#tracker = new OutageTracker(probe);
    this.#order = new DueOrder(probe, (sample) => this.#tracker.add(sample));
  }

  add(sample: Sample): void {
    if (sample.state === 'bad') this.#lastBad = [...this.#lastBad, sample].slice(-keptBad);
    for (const [name, figures] of this.#parts) if (this.#windows.has(name, sample.dueMs)) figures.add(sample);
    if (!this.#window.has(sample.dueMs)) return;
    this.whole.add(sample);
    if (sample.state === 'good') this.latencies.add(sample.latencyMs);
    if (sample.state !== 'unmeasured') this.#latestDueMs = Math.max(this.#latestDueMs ?? 0, sample.dueMs);
    this.#order.add(sample);
  }

  /** Of the whole run, or of a time that an objective is about. */
  during(name: string | undefined): Figures {
    return name === undefined ? this.whole : this.#parts.get(name)!;
  }

  /** When the last sample that was measured was due. */
  get latestDueMs(): number | null {
    return this.#latestDueMs;
  }

  /** All outages, in the order of time; nothing more may be added after it. */
  outages(): EvidentOutage[] {
    this.#order.flush();
    const usualMs = this.whole.latencyMs(99) ?? 0;
    return this.#tracker.outages.map(({ firstBadAnswerMs, ...outage }) => ({
      ...outage,
      evidentMs: Math.min(firstBadAnswerMs, outage.startMs + usualMs, outage.endMs ?? Number.POSITIVE_INFINITY),
    }));
  }

  /**
   * Share of a time in which the probe was not in an outage; `null` when that time never was, or nothing was measured in it.
   * @param name of a time that an objective is about; else the time in which samples count
   */
  uptime(name?: string): number | null {
    const { fromMs, toMs } = name === undefined ? this.#window : this.#windows.of(name);
    const untilMs = toMs ?? this.#latestDueMs;
    if (fromMs === null || untilMs === null || untilMs <= fromMs || this.during(name).measured === 0) return null;
    const downMs = this.#tracker.outages.reduce((sum, { startMs, endMs }) => {
      return sum + Math.max(0, Math.min(endMs ?? untilMs, untilMs) - Math.max(startMs, fromMs));
    }, 0);
    return 1 - downMs / (untilMs - fromMs);
  }

  report(): ProbeReport {
    const { counts, measured, availability, maxLatencyMs } = this.whole;
    return {
      id: this.probe.id,
      kind: this.probe.kind,
      place: this.#place,
      samples: measured + counts.unmeasured,
      ...counts,
      availability,
      uptime: this.uptime(),
      latencyMs:
        counts.good === 0
          ? null
          : {
              p50: this.whole.latencyMs(50)!,
              p95: this.whole.latencyMs(95)!,
              p99: this.whole.latencyMs(99)!,
              max: maxLatencyMs,
            },
      lastBad: this.#lastBad,
    };
  }
}
