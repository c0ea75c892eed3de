import { HoldingLine } from '../flow/holding-line.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { numberWithin, oneOf } from './settings.ts';

/** Holds the end of a direction back, a reset alike; bytes pass at once. */
export const slowClose: FaultKind = {
  kind: 'slow-close',
  begin(settings, { deadlines }) {
    const delayMs = numberWithin(settings, 'delayMs', 0, Number.MAX_VALUE);
    const direction = oneOf(settings, 'direction', ['upstream', 'downstream']);
    const tally = { connections: 0, held: 0 };
    const onHeld = () => {
      tally.held += 1;
    };
    return {
      join(connection) {
        tally.connections += 1;
        return {
          near: 'wire',
          upstream: undefined,
          downstream: undefined,
          [direction]: new LateEnd(deadlines, connection, { delayMs, onHeld }),
        };
      },
      counters: () => ({ ...tally }),
    };
  },
};

class LateEnd implements Stage {
  next: Receiver = unplaced;
  readonly heldBytes = 0;
  readonly #line: HoldingLine;
  readonly #about: { delayMs: number; onHeld(): void };

  constructor(deadlines: Deadlines, connection: JoinedConnection, about: { delayMs: number; onHeld(): void }) {
    this.#line = new HoldingLine(deadlines, connection.guard, () => this.next);
    this.#about = about;
  }

  take(item: Item): void {
    if (item.kind === 'bytes')
      this.next.take(item); // never behind an end
    else this.#line.hold(item, nowMs() + this.#about.delayMs, this.#about.onHeld);
  }

  release(): void {
    this.#line.release();
  }

  drop(): void {
    this.#line.drop();
  }
}
