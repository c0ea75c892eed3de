import type { Sample } from '../../model/event.ts';

/**
 * Hands samples on in the order in which they were due. They arrive in the order of their answers, and a question that
 * ran into its time limit is answered long after younger ones: read in that order, a system that is back would look as
 * if it failed every other moment.
 *
 * A sample goes on as soon as it is the next of the schedule, or when nothing that was due before it can still come:
 * what waits is bounded by what can be in flight.
 */
export class DueOrder {
  readonly #everyMs: number;
  readonly #longestAnswerMs: number;
  readonly #next: (sample: Sample) => void;
  /** Sorted by when they were due. */
  #waiting: Sample[] = [];
  #lastDueMs: number | undefined;
  #latestAnswerMs = Number.NEGATIVE_INFINITY;

  constructor(probe: { every: number; timeout: number }, next: (sample: Sample) => void) {
    this.#everyMs = probe.every;
    // A sampler that is late begins its time limit late; later than this it gives the sample up as unmeasured.
    this.#longestAnswerMs = probe.timeout + Math.max(probe.every, 50) + 100;
    this.#next = next;
  }

  add(sample: Sample): void {
    this.#latestAnswerMs = Math.max(this.#latestAnswerMs, sample.dueMs + sample.latencyMs);
    if (this.#waiting.length === 0 && this.#isNext(sample)) this.#pass(sample);
    else this.#keep(sample);
  }

  /** Hands on what is left: no more samples will come. */
  flush(): void {
    this.#handOn(() => true);
  }

  #keep(sample: Sample): void {
    let at = this.#waiting.length;
    while (at > 0 && this.#waiting[at - 1]!.dueMs > sample.dueMs) at -= 1;
    this.#waiting.splice(at, 0, sample);
    this.#handOn((first) => this.#isNext(first) || first.dueMs + this.#longestAnswerMs < this.#latestAnswerMs);
  }

  #handOn(ready: (first: Sample) => boolean): void {
    let count = 0;
    for (const sample of this.#waiting) {
      if (!ready(sample)) break;
      this.#pass(sample);
      count += 1;
    }
    if (count > 0) this.#waiting = this.#waiting.slice(count);
  }

  #pass(sample: Sample): void {
    this.#lastDueMs = Math.max(this.#lastDueMs ?? sample.dueMs, sample.dueMs);
    this.#next(sample);
  }

  #isNext({ dueMs }: Sample): boolean {
    return this.#lastDueMs === undefined || dueMs <= this.#lastDueMs + 1.5 * this.#everyMs;
  }
}
