import type { LineTally } from '../faults/line.ts';
import { nowMs } from '../time/now.ts';

/** When datagrams that come may have passed a line: first come, first served. */
export class Pace {
  readonly #bytesPerMs: number;
  readonly #tally: LineTally;
  #freeMs = 0;
  #lastMs = 0;

  constructor(bytesPerMs: number, tally: LineTally) {
    this.#bytesPerMs = bytesPerMs;
    this.#tally = tally;
  }

  /** How long what comes now would wait for what came before. */
  get waitMs(): number {
    return Math.max(0, this.#freeMs - nowMs());
  }

  /** Gives a datagram that comes now its time. @returns when it has passed, and whether it waits for others */
  book(bytes: number): { dueMs: number; waits: boolean } {
    const now = nowMs();
    const waits = this.#freeMs > now;
    if (!waits) this.#lastMs = now; // idle until now
    this.#freeMs = Math.max(now, this.#freeMs) + bytes / this.#bytesPerMs;
    this.#tally.bytes += bytes;
    return { dueMs: this.#freeMs, waits };
  }

  passed(bytes: number, atMs: number, hasWaited: boolean): void {
    if (hasWaited) this.#tally.heldPieces += 1;
    this.#tally.busyBytes += bytes;
    this.#tally.busyMs += atMs - this.#lastMs;
    this.#lastMs = atMs;
  }
}
