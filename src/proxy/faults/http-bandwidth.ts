import type { Item } from '../flow/item.ts';
import { Row } from '../flow/row.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Exchange } from '../protocols/http/exchange.ts';
import { Narrow } from './bandwidth.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { Line, type Sender } from './line.ts';
import { RequestChoice } from './requests/choice.ts';
import { StagedBodies } from './requests/staged-bodies.ts';
import { numberWithin } from './settings.ts';

/**
 * No more than so many bytes a second pass of the body of each answer to some requests. Its head passes at once; what
 * stands behind it on the same connection waits.
 */
export const httpBandwidth: FaultKind = {
  kind: 'http-bandwidth',
  needs: ['http', 'http2'],
  begin(settings, { deadlines }) {
    const bytesPerMs = numberWithin(settings, 'bytesPerSecond', Number.MIN_VALUE, Number.MAX_VALUE) / 1000;
    const choice = new RequestChoice(settings);
    const passed = { bytes: 0, heldPieces: 0, busyBytes: 0, busyMs: 0 };
    const line = () => new Line(deadlines, bytesPerMs, passed);
    const bodies = new StagedBodies();

    return {
      join(connection) {
        const stage = new SlowAnswers(connection, line());
        const asked = (exchange: Exchange): void => {
          if (choice.hits(exchange)) stage.slow(exchange);
        };
        const leave = connection.exchanges?.watch({ asked, lost: () => choice.lost() });
        return { near: 'server', upstream: undefined, downstream: stage, ...(leave ? { leave } : {}) };
      },
      streams: {
        asked(stream) {
          if (choice.hits(stream))
            stream.obstacles.behindHead.push((guard) => bodies.through(new Narrow({ guard }, line())));
        },
        lost: () => choice.lostHttp2(),
        left: () => bodies.lift(),
      },
      counters: () => ({ ...choice.counters(), ...passed }),
    };
  },
};

/** The answers of one connection, of which the bodies of some pass a line. */
class SlowAnswers implements Stage, Sender {
  next: Receiver = unplaced;
  readonly #connection: JoinedConnection;
  readonly #line: Line;
  readonly #row = new Row();
  readonly #slow = new WeakSet<Exchange>();

  constructor(connection: JoinedConnection, line: Line) {
    this.#connection = connection;
    this.#line = line;
  }

  /** The body of the answer to this, which is still to come. */
  slow(exchange: Exchange): void {
    exchange.isFollowed = true;
    this.#slow.add(exchange);
  }

  get heldBytes(): number {
    return this.#row.heldBytes;
  }

  get mostBytes(): number {
    return this.#row.first ? this.#line.queueBytes : Number.POSITIVE_INFINITY;
  }

  get dueBytes(): number {
    const { first } = this.#row;
    return first?.kind === 'bytes' && first.bodyOf && this.#slow.has(first.bodyOf) ? first.bytes.length : 0;
  }

  take(item: Item): void {
    this.#row.push(item);
    this.#goOn();
  }

  passed(bytes: number): void {
    this.#connection.guard(() => {
      this.next.take(this.#row.take(bytes));
      this.#goOn();
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

  /** Passes what is not slow, up to what is. */
  #goOn(): void {
    while (this.#row.first && this.dueBytes === 0) this.next.take(this.#row.take(Number.POSITIVE_INFINITY));
    if (this.#row.first) this.#line.enter(this);
  }
}
