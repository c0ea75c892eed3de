/** @see RFC 6928 */
const initialSegments = 10;
/** So much may be under way even after a loss. */
const leastThreshold = 2;

/**
 * How many segments a sender has under way at most, before it hears of them.
 * @see RFC 5681, sections 3.1 (slow start and congestion avoidance) and 3.2 (fast recovery)
 */
export class CongestionWindow {
  segments = initialSegments;
  #threshold = Number.POSITIVE_INFINITY;

  /** As many as it allows have arrived: it doubles until a loss has shown how much is too much, then grows by one. */
  grow(): void {
    if (this.segments < this.#threshold) this.segments = Math.min(2 * this.segments, this.#threshold);
    else this.segments += 1;
  }

  /** A segment was lost, and sent again because others had arrived. */
  halve(): void {
    this.#threshold = Math.max(leastThreshold, Math.floor(this.segments / 2));
    this.segments = this.#threshold;
  }

  /** A segment was lost, and sent again when the time for it had run out. */
  collapse(): void {
    this.halve();
    this.segments = 1;
  }
}
