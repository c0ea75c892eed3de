import type { Sample } from '../../model/event.ts';
import type { Outage } from '../../model/report.ts';

/** An outage, and when its answers came. */
export interface TrackedOutage extends Outage {
  firstBadAnswerMs: number;
  lastBadAnswerMs: number;
}

/**
 * Turns the samples of one probe into outages. All moments are those at which a question was due: an outage is the
 * time in which one had to expect a bad answer.
 */
export class OutageTracker {
  readonly outages: TrackedOutage[] = [];
  readonly #probe: string;
  readonly #successThreshold: number;
  #goodInARow = 0;
  #firstGoodMs = 0;
  #latestDueMs = Number.NEGATIVE_INFINITY;

  constructor(probe: { id: string; successThreshold: number }) {
    this.#probe = probe.id;
    this.#successThreshold = Math.max(1, probe.successThreshold);
  }

  /** The outage that has not ended. */
  get current(): TrackedOutage | undefined {
    const last = this.outages.at(-1);
    return last?.endMs === null ? last : undefined;
  }

  /** Takes samples in the order in which they were due; a straggler counts as if it were due with the latest. */
  add(sample: Sample): void {
    this.#latestDueMs = Math.max(this.#latestDueMs, sample.dueMs);
    if (sample.state === 'bad') this.#bad(sample, this.#latestDueMs);
    if (sample.state === 'good') this.#good(this.#latestDueMs);
  }

  #bad(sample: Sample, dueMs: number): void {
    const answerMs = sample.dueMs + sample.latencyMs;
    this.#goodInARow = 0;
    const outage = this.current ?? this.#begin(sample, dueMs, answerMs);
    outage.badSamples += 1;
    outage.firstBadAnswerMs = Math.min(outage.firstBadAnswerMs, answerMs);
    outage.lastBadAnswerMs = Math.max(outage.lastBadAnswerMs, answerMs);
  }

  #begin({ reason }: Sample, startMs: number, answerMs: number): TrackedOutage {
    const outage: TrackedOutage = {
      probe: this.#probe,
      startMs,
      endMs: null,
      badSamples: 0,
      ...(reason === undefined ? {} : { reason }),
      firstBadAnswerMs: answerMs,
      lastBadAnswerMs: answerMs,
    };
    this.outages.push(outage);
    return outage;
  }

  #good(dueMs: number): void {
    const outage = this.current;
    if (!outage) return;
    if (this.#goodInARow === 0) this.#firstGoodMs = dueMs;
    this.#goodInARow += 1;
    if (this.#goodInARow >= this.#successThreshold) outage.endMs = this.#firstGoodMs;
  }
}
