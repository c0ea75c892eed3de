import { HoldingLine } from '../flow/holding-line.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { Pace } from './pace.ts';
import { numberWithin, oneOf } from './settings.ts';

/**
 * No more than so many bytes a second pass in each direction that it works on, of each connection or of all connections
 * of the link together, first come first served. Each piece has its time on an absolute clock, so that lateness is made
 * up for and never adds up, and time in which nothing came is not saved for a burst.
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
