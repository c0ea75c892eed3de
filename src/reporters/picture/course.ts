import type { Sample } from '../../model/event.ts';
import { Latencies } from './latencies.ts';
import type { Course } from './picture.ts';

interface Slice {
  good: number;
  bad: number;
  unmeasured: number;
  latencies: Latencies;
  reason?: number;
}

const mostReasons = 50;

/** Gathers the samples of one probe in slices. When there would be too many, each two that follow on one another become one. */
export class ProbeCourse {
  readonly #probe: string;
  readonly #most: number;
  #widthMs: number;
  /** By their number from the run's start; those without a sample are left out. */
  #slices = new Map<number, Slice>();
  #last = -1;
  readonly #reasons = new Map<string, number>();

  constructor(probe: string, everyMs: number, most: number) {
    this.#probe = probe;
    this.#most = most;
    this.#widthMs = Math.max(1, everyMs);
  }

  add(sample: Sample): void {
    if (!Number.isFinite(sample.dueMs)) return;
    const dueMs = Math.max(0, sample.dueMs);
    while (dueMs >= this.#most * this.#widthMs) this.#halve();
    const slice = this.#sliceAt(Math.floor(dueMs / this.#widthMs));
    slice[sample.state] += 1;
    if (sample.state === 'good') slice.latencies.add(sample.latencyMs);
    else if (slice.reason === undefined) this.#explain(slice, sample);
  }

  course(): Course {
    const first = Math.min(...this.#slices.keys(), this.#last + 1);
    const course = emptyCourse(this.#probe, first * this.#widthMs, this.#widthMs, [...this.#reasons.keys()]);
    for (let at = Math.max(0, first); at <= this.#last; at += 1) append(course, this.#slices.get(at));
    return course;
  }

  #sliceAt(at: number): Slice {
    let slice = this.#slices.get(at);
    if (!slice) {
      slice = { good: 0, bad: 0, unmeasured: 0, latencies: new Latencies() };
      this.#slices.set(at, slice);
      this.#last = Math.max(this.#last, at);
    }
    return slice;
  }

  #halve(): void {
    const finer = [...this.#slices].sort(([a], [b]) => a - b);
    this.#widthMs *= 2;
    this.#slices = new Map();
    this.#last = -1;
    for (const [at, slice] of finer) {
      const into = this.#sliceAt(Math.floor(at / 2));
      into.good += slice.good;
      into.bad += slice.bad;
      into.unmeasured += slice.unmeasured;
      into.latencies.merge(slice.latencies);
      if (slice.reason !== undefined) into.reason ??= slice.reason;
    }
  }

  #explain(slice: Slice, { reason }: Sample): void {
    if (reason === undefined) return;
    if (!this.#reasons.has(reason) && this.#reasons.size < mostReasons) this.#reasons.set(reason, this.#reasons.size);
    const known = this.#reasons.get(reason);
    if (known !== undefined) slice.reason = known;
  }
}

const emptyCourse = (probe: string, startMs: number, widthMs: number, reasons: string[]): Course => ({
  probe,
  startMs,
  widthMs,
  good: [],
  bad: [],
  unmeasured: [],
  min: [],
  median: [],
  p95: [],
  max: [],
  reasons,
  reason: {},
});

function append(course: Course, slice: Slice | undefined): void {
  if (slice?.reason !== undefined) course.reason[course.good.length] = slice.reason;
  course.good.push(slice?.good ?? 0);
  course.bad.push(slice?.bad ?? 0);
  course.unmeasured.push(slice?.unmeasured ?? 0);
  course.min.push(short(slice?.latencies.min));
  course.median.push(short(slice?.latencies.quantile(0.5)));
  course.p95.push(short(slice?.latencies.quantile(0.95)));
  course.max.push(short(slice?.latencies.max));
}

/** Four digits are more than a picture shows. */
const short = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value.toPrecision(4));
