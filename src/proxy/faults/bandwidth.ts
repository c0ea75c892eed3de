import { HoldingLine } from '../flow/holding-line.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { numberWithin, oneOf } from './settings.ts';

/** What passes at once: so much time's worth, and not less than so many bytes. */
const pieceMs = 2;
const leastPieceBytes = 64;

/**
 * No more than so many bytes a second pass in each direction that it works on, of each connection or of all connections
 * of the link together, first come first served. Each piece has its time on an absolute clock, so that lateness is made up for and never adds up, and time in
 * which nothing came is not saved for a burst.
 */
export const bandwidth: FaultKind = {
  kind: 'bandwidth',
  begin(settings, { deadlines }) {
    const bytesPerMs = numberWithin(settings, 'bytesPerSecond', 1, 1e12) / 1000;
    const tally = { connections: 0, bytes: 0, heldPieces: 0, busyBytes: 0, busyMs: 0 };
    const direction = oneOf(settings, 'direction', ['upstream', 'downstream', 'both']);
    const isShared = oneOf(settings, 'per', ['link', 'connection']) === 'link';
    const lines = () => ({ upstream: new Pace(bytesPerMs, tally), downstream: new Pace(bytesPerMs, tally) });
    const shared = lines();
    return {
      join(connection) {
        tally.connections += 1;
        const { upstream, downstream } = isShared ? shared : lines();
        const narrow = (pace: Pace) => new Narrow(deadlines, connection, pace);
        return {
          near: 'wire',
          upstream: direction === 'downstream' ? undefined : narrow(upstream),
          downstream: direction === 'upstream' ? undefined : narrow(downstream),
        };
      },
      counters: () => ({ ...tally }),
    };
  },
};

interface Tally {
  bytes: number;
  heldPieces: number;
  /** What passed while something waited, and how long that took: by it the rate that was really had is known. */
  busyBytes: number;
  busyMs: number;
}

/** When what comes may have passed. */
class Pace {
  readonly pieceBytes: number;
  readonly #bytesPerMs: number;
  readonly #tally: Tally;
  #freeMs = 0;
  #lastMs = 0;

  constructor(bytesPerMs: number, tally: Tally) {
    this.#bytesPerMs = bytesPerMs;
    this.#tally = tally;
    this.pieceBytes = Math.max(leastPieceBytes, Math.round(bytesPerMs * pieceMs));
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

class Narrow implements Stage {
  next: Receiver = unplaced;
  readonly #line: HoldingLine;
  readonly #pace: Pace;

  constructor(deadlines: Deadlines, connection: JoinedConnection, pace: Pace) {
    this.#line = new HoldingLine(deadlines, connection.guard, () => this.next);
    this.#pace = pace;
  }

  get heldBytes(): number {
    return this.#line.heldBytes;
  }

  take(item: Item): void {
    if (item.kind === 'bytes') this.#takeBytes(item);
    else this.#line.hold(item, nowMs());
  }

  #takeBytes(item: Extract<Item, { kind: 'bytes' }>): void {
    const { pieceBytes } = this.#pace;
    for (let from = 0; from < item.bytes.length; from += pieceBytes) {
      const bytes = item.bytes.subarray(from, from + pieceBytes);
      const isLast = from + pieceBytes >= item.bytes.length;
      // What is known of places in these bytes is for stages nearer to the server, which have seen it.
      const piece: Item = { kind: 'bytes', bytes };
      const { dueMs, waits } = this.#pace.book(bytes.length);
      this.#line.hold(isLast && from === 0 ? item : piece, dueMs, (atMs, outcome) => {
        if (outcome === 'on-time') this.#pace.passed(bytes.length, atMs, waits);
      });
    }
  }

  release(): void {
    this.#line.release();
  }

  drop(): void {
    this.#line.drop();
  }
}
