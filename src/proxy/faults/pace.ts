import { nowMs } from '../time/now.ts';

/** What passes at once: so much time's worth, and not less than so many bytes. */
const pieceMs = 2;
const leastPieceBytes = 64;

/** What passed, in all. */
export interface PaceTally {
  bytes: number;
  heldPieces: number;
  /** What passed while something waited, and how long that took: by it the rate that was really had is known. */
  busyBytes: number;
  busyMs: number;
}

/** When what comes may have passed. */
export class Pace {
  readonly pieceBytes: number;
  readonly #bytesPerMs: number;
  readonly #tally: PaceTally;
  #freeMs = 0;
  #lastMs = 0;

  constructor(bytesPerMs: number, tally: PaceTally) {
    this.#bytesPerMs = bytesPerMs;
    this.#tally = tally;
    this.pieceBytes = Math.max(leastPieceBytes, Math.round(bytesPerMs * pieceMs));
  }

  /** How long what comes now would wait for what came before. */
  get waitMs(): number {
    return Math.max(0, this.#freeMs - nowMs());
  }

  /** Gives a piece that comes now its time. @returns when it has passed, and whether it waits for others */
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
