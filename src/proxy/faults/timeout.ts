import { type Item, sizeOf } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind } from './fault.ts';
import { numberWithin, oneOf } from './settings.ts';

/**
 * What goes in the directions that it works on is dropped, and after `timeoutMs`, whether bytes flow or not, the connection
 * is closed; with 0 it never is. The end and resets pass. A connection that the fault leaves is closed: bytes of it are
 * lost.
 */
export const timeout: FaultKind = {
  kind: 'timeout',
  begin(first, { deadlines }) {
    let timeoutMs = numberWithin(first, 'timeoutMs', 0, Number.MAX_VALUE);
    const direction = oneOf(first, 'direction', ['upstream', 'downstream', 'both']);
    const tally = { connections: 0, droppedBytes: 0, closed: 0 };
    const onDropped = (bytes: number) => {
      tally.droppedBytes += bytes;
    };
    return {
      join(connection) {
        tally.connections += 1;
        const upstream = direction === 'downstream' ? undefined : new Pit(onDropped);
        const downstream = direction === 'upstream' ? undefined : new Pit(onDropped);
        const close = () => {
          tally.closed += 1;
          for (const pit of [upstream, downstream]) pit?.next.take({ kind: 'close' }); // either may be held up
        };
        const arm = () =>
          timeoutMs === 0 ? () => {} : deadlines.at(nowMs() + timeoutMs, () => connection.guard(close));
        let disarm = arm();
        return {
          near: 'wire',
          upstream,
          downstream,
          changed() {
            disarm();
            disarm = arm();
          },
          leave() {
            disarm();
            connection.close();
          },
        };
      },
      change(settings) {
        timeoutMs = numberWithin(settings, 'timeoutMs', 0, Number.MAX_VALUE);
      },
      counters: () => ({ ...tally }),
    };
  },
};

class Pit implements Stage {
  next: Receiver = unplaced;
  readonly heldBytes = 0;
  readonly #onDropped: (bytes: number) => void;

  constructor(onDropped: (bytes: number) => void) {
    this.#onDropped = onDropped;
  }

  take(item: Item): void {
    if (item.kind === 'bytes') this.#onDropped(sizeOf(item));
    else this.next.take(item);
  }

  release(): void {}

  drop(): void {}
}
