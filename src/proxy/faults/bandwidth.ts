import type { Item } from '../flow/item.ts';
import { Row } from '../flow/row.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { FaultKind, Guarded } from './fault.ts';
import { Line, type Sender } from './line.ts';
import { numberWithin, oneOf } from './settings.ts';

/**
 * No more than so many bytes a second pass in each direction that it works on, of each connection or of all connections
 * of the link together.
 */
export const bandwidth: FaultKind = {
  kind: 'bandwidth',
  begin(settings, { deadlines }) {
    const bytesPerMs = numberWithin(settings, 'bytesPerSecond', Number.MIN_VALUE, Number.MAX_VALUE) / 1000;
    const tally = { connections: 0, bytes: 0, heldPieces: 0, busyBytes: 0, busyMs: 0 };
    const direction = oneOf(settings, 'direction', ['upstream', 'downstream', 'both']);
    const isShared = oneOf(settings, 'per', ['link', 'connection']) === 'link';
    const line = () => new Line(deadlines, bytesPerMs, tally);
    const lines = () => ({ upstream: line(), downstream: line() });
    const shared = lines();
    return {
      join(connection) {
        tally.connections += 1;
        const { upstream, downstream } = isShared ? shared : lines();
        return {
          near: 'wire',
          upstream: direction === 'downstream' ? undefined : new Narrow(connection, upstream),
          downstream: direction === 'upstream' ? undefined : new Narrow(connection, downstream),
        };
      },
      counters: () => ({ ...tally }),
    };
  },
};

/** What of one connection, or of one body, waits for its turn. */
export class Narrow implements Stage, Sender {
  next: Receiver = unplaced;
  readonly mostBytes: number;
  readonly #row = new Row();
  readonly #connection: Guarded;
  readonly #line: Line;

  constructor(connection: Guarded, line: Line) {
    this.#connection = connection;
    this.#line = line;
    this.mostBytes = line.queueBytes;
  }

  get heldBytes(): number {
    return this.#row.heldBytes;
  }

  get dueBytes(): number {
    return this.#row.bytes;
  }

  take(item: Item): void {
    if (item.kind !== 'bytes' && !this.#row.first) {
      this.next.take(item);
      return;
    }
    this.#row.push(item);
    this.#line.enter(this);
  }

  passed(bytes: number): void {
    this.#connection.guard(() => {
      for (const item of this.#row.takeBytes(bytes)) this.next.take(item);
      while (this.#row.first && this.#row.first.kind !== 'bytes') this.next.take(this.#row.take(0));
    });
  }

  release(): void {
    this.#line.leave(this);
    for (const item of this.#row.takeAll()) this.next.take(item);
  }

  drop(): void {
    this.#line.leave(this);
    this.#row.takeAll();
  }
}
