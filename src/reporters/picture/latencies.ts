/** So many are kept as they are. */
const mostExact = 32;
/** Each bin reaches a tenth further than the one before it: the middle of one is within 5 % of what lies in it. */
const growth = 1.1;
const lowestMs = 0.01;
/** Up to some three minutes; what is longer is told from the maximum. */
const binCount = 176;
const perBin = Math.log(growth);

/** The latencies of a slice of time: a few as they are, many as a histogram. What two gathered can be put together. */
export class Latencies {
  #exact: number[] | undefined = [];
  #bins: Uint32Array | undefined;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  get min(): number | null {
    return this.#count === 0 ? null : this.#min;
  }

  get max(): number | null {
    return this.#count === 0 ? null : this.#max;
  }

  add(latencyMs: number): void {
    this.#count += 1;
    this.#min = Math.min(this.#min, latencyMs);
    this.#max = Math.max(this.#max, latencyMs);
    this.#keep(latencyMs);
  }

  merge(other: Latencies): void {
    this.#count += other.#count;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    for (const latencyMs of other.#exact ?? []) this.#keep(latencyMs);
    if (other.#bins) {
      const bins = this.#toBins();
      for (const [bin, count] of other.#bins.entries()) bins[bin]! += count;
    }
  }

  /** @param share 0..1 @returns the smallest latency that so many do not exceed, by nearest rank; `null` without any */
  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(share * this.#count));
    if (this.#exact) return this.#exact.sort((a, b) => a - b)[rank - 1]!;
    let before = 0;
    const bin = this.#bins!.findIndex((count) => {
      before += count;
      return before >= rank;
    });
    return bin === binCount - 1 ? this.#max : Math.min(this.#max, Math.max(this.#min, middleOf(bin)));
  }

  #keep(latencyMs: number): void {
    if (this.#exact && this.#exact.length < mostExact) this.#exact.push(latencyMs);
    else this.#toBins()[binOf(latencyMs)]! += 1;
  }

  #toBins(): Uint32Array {
    if (!this.#bins) {
      this.#bins = new Uint32Array(binCount);
      for (const latencyMs of this.#exact ?? []) this.#bins[binOf(latencyMs)]! += 1;
      this.#exact = undefined;
    }
    return this.#bins;
  }
}

const binOf = (latencyMs: number): number =>
  latencyMs <= lowestMs ? 0 : Math.min(binCount - 1, Math.floor(Math.log(latencyMs / lowestMs) / perBin));
const middleOf = (bin: number): number => lowestMs * growth ** (bin + 0.5);
