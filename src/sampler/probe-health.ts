import type { Sample } from '../model/event.ts';

const samplesKept = 20;

/**
 * One probe's health. Samples come in the order of their answers: a bad one that ran into its time limit after the good
 * ones that were due later. It keeps the due times of what was measured, 8 bytes each: 14 MB for twenty a second through a
 * whole day.
 */
export class ProbeHealth {
  readonly #successThreshold: number;
  /** Ascending. */
  readonly #measured: number[] = [];
  /** Ascending: the latest good ones since the last bad one, no more than are needed for health. */
  readonly #goodSinceBad: number[] = [];
  /** Ascending: bad ones since the last good one. */
  readonly #badSinceGood: number[] = [];
  #lastGoodMs = Number.NEGATIVE_INFINITY;
  /** The latest by due time. */
  lastBad: Sample | undefined;
  /** The latest, in the order in which they were due. */
  readonly last: Sample[] = [];

  constructor(successThreshold: number) {
    this.#successThreshold = successThreshold;
  }

  add(sample: Sample): void {
    insert(this.last, sample, ({ dueMs }) => dueMs);
    if (this.last.length > samplesKept) this.last.shift();
    if (sample.state === 'unmeasured') return;
    insert(this.#measured, sample.dueMs, itself);
    if (sample.state === 'good') this.#addGood(sample.dueMs);
    else this.#addBad(sample);
  }

  isHealthy(sinceMs: number): boolean {
    const needed = this.#goodSinceBad.at(-this.#successThreshold);
    return needed !== undefined && needed >= sinceMs;
  }

  get failingSinceMs(): number | undefined {
    return this.#badSinceGood[0];
  }

  count(sinceMs: number): number {
    return this.#measured.length - firstAtOrAfter(this.#measured, sinceMs);
  }

  #addGood(dueMs: number): void {
    if (!this.lastBad || dueMs > this.lastBad.dueMs) insert(this.#goodSinceBad, dueMs, itself);
    if (this.#goodSinceBad.length > this.#successThreshold) this.#goodSinceBad.shift();
    if (dueMs <= this.#lastGoodMs) return;
    this.#lastGoodMs = dueMs;
    removeUntil(this.#badSinceGood, dueMs);
  }

  #addBad(sample: Sample): void {
    if (sample.dueMs > this.#lastGoodMs) insert(this.#badSinceGood, sample.dueMs, itself);
    if (this.lastBad && sample.dueMs <= this.lastBad.dueMs) return;
    this.lastBad = sample;
    removeUntil(this.#goodSinceBad, sample.dueMs);
  }
}

const itself = (dueMs: number): number => dueMs;

/** Into an ascending list. Nearly always at its end. */
function insert<T>(list: T[], item: T, key: (item: T) => number): void {
  let at = list.length;
  while (at > 0 && key(list[at - 1]!) > key(item)) at -= 1;
  if (at === list.length) list.push(item);
  else list.splice(at, 0, item);
}

function removeUntil(ascending: number[], lastMs: number): void {
  const kept = ascending.findIndex((dueMs) => dueMs > lastMs);
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
