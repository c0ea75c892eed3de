import type { Sample } from '../model/event.ts';
import type { Probe } from '../model/scenario.ts';

const samplesKept = 20;
/** In intervals of the probe. What is further apart has one between that is not told yet. */
const longestGap = 1.5;

/**
 * One probe's health. Samples come in the order of their answers: a bad one that ran into its time limit after the good
 * ones that were due later. It keeps the due times, 8 bytes each: 14 MB for twenty a second through a whole day.
 */
export class ProbeHealth {
  readonly #probe: Pick<Probe, 'every' | 'successThreshold'>;
  /** How many may come before one that was due earlier, and as many as it takes to be healthy. */
  readonly #mostSinceBad: number;
  /** Ascending: when what was told was due. */
  readonly #told: number[] = [];
  /** Ascending by due time: those since the last bad one. None of them is bad. */
  readonly #sinceBad: Sample[] = [];
  /** Ascending: bad ones since the last good one. */
  readonly #badSinceGood: number[] = [];
  #good = 0;
  /** When the latest good one was due. */
  lastGoodMs = Number.NEGATIVE_INFINITY;
  /** The latest by due time. */
  lastBad: Sample | undefined;
  /** The latest, in the order in which they were due. */
  readonly last: Sample[] = [];

  constructor(probe: Pick<Probe, 'every' | 'timeout' | 'successThreshold'>) {
    this.#probe = probe;
    this.#mostSinceBad = Math.ceil(probe.timeout / probe.every) + probe.successThreshold + samplesKept;
  }

  add(sample: Sample): void {
    insert(this.last, sample, dueMsOf);
    if (this.last.length > samplesKept) this.last.shift();
    if (sample.state === 'bad') this.#addBad(sample);
    else this.#addNotBad(sample);
    if (sample.state === 'good') this.#addGood(sample.dueMs);
    insert(this.#told, sample.dueMs, itself);
  }

  isHealthy(sinceMs: number): boolean {
    let good = 0;
    let laterMs = Number.POSITIVE_INFINITY;
    for (let at = this.#sinceBad.length - 1; at >= 0; at -= 1) {
      const { dueMs, state } = this.#sinceBad[at]!;
      if (dueMs < sinceMs) return false;
      // Between the two an answer is outstanding, and it may yet be bad.
      if (laterMs - dueMs > longestGap * this.#probe.every) good = 0;
      if (state === 'good') good += 1;
      if (good === this.#probe.successThreshold) return true;
      laterMs = dueMs;
    }
    return false;
  }

  get isMostlyGood(): boolean {
    return this.#good > 0 && this.#good * 2 >= this.#told.length;
  }

  get failingSinceMs(): number | undefined {
    return this.#badSinceGood[0];
  }

  /** On the schedule, which has no gaps: where one is, an answer is outstanding. */
  isTold(sinceMs: number, untilMs: number): boolean {
    const { every } = this.#probe;
    if (untilMs <= sinceMs) return true;
    let at = firstAtOrAfter(this.#told, sinceMs);
    // One is due within the first interval, and from then on one in each.
    if (at === this.#told.length || this.#told[at]! - sinceMs >= every) return false;
    for (; this.#told[at]! + every < untilMs; at += 1)
      if (at + 1 === this.#told.length || this.#told[at + 1]! - this.#told[at]! > longestGap * every) return false;
    return true;
  }

  #addNotBad(sample: Sample): void {
    if (this.lastBad && sample.dueMs <= this.lastBad.dueMs) return;
    insert(this.#sinceBad, sample, dueMsOf);
    if (this.#sinceBad.length > this.#mostSinceBad) this.#sinceBad.shift();
  }

  #addGood(dueMs: number): void {
    this.#good += 1;
    if (dueMs <= this.lastGoodMs) return;
    this.lastGoodMs = dueMs;
    removeUntil(this.#badSinceGood, dueMs, itself);
  }

  #addBad(sample: Sample): void {
    if (sample.dueMs > this.lastGoodMs) insert(this.#badSinceGood, sample.dueMs, itself);
    if (this.lastBad && sample.dueMs <= this.lastBad.dueMs) return;
    this.lastBad = sample;
    removeUntil(this.#sinceBad, sample.dueMs, dueMsOf);
  }
}

const itself = (dueMs: number): number => dueMs;
const dueMsOf = ({ dueMs }: Sample): number => dueMs;

/** Into an ascending list. Nearly always at its end. */
function insert<T>(list: T[], item: T, key: (item: T) => number): void {
  let at = list.length;
  while (at > 0 && key(list[at - 1]!) > key(item)) at -= 1;
  if (at === list.length) list.push(item);
  else list.splice(at, 0, item);
}

function removeUntil<T>(ascending: T[], lastMs: number, key: (item: T) => number): void {
  const kept = ascending.findIndex((item) => key(item) > lastMs);
  ascending.splice(0, kept < 0 ? ascending.length : kept);
}

function firstAtOrAfter(ascending: number[], sinceMs: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < sinceMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
