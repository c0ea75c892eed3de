const growth = Math.log(1.02);
const smallestMs = 0.001;

/** How many answers took how long, to 2 %, in memory that does not grow with their number. */
export class LatencyCounts {
  /** By the number of the power of 1.02 that a latency lies just above. */
  readonly #counts = new Map<number, number>();
  total = 0;

  add(latencyMs: number): void {
    const power = powerOf(latencyMs);
    this.#counts.set(power, (this.#counts.get(power) ?? 0) + 1);
    this.total += 1;
  }

  /** How many took longer; those that took as long, to 2 %, are not among them. */
  slowerThan(latencyMs: number): number {
    const limit = powerOf(latencyMs);
    let sum = 0;
    for (const [power, count] of this.#counts) if (power > limit) sum += count;
    return sum;
  }
}

const powerOf = (latencyMs: number): number =>
  Math.floor(Math.log(Math.max(smallestMs, latencyMs) / smallestMs) / growth);
