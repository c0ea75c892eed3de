import { chance } from '../../model/chance.ts';
import { type Item, sizeOf } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { numberWithin, optionalCount, textOf } from './settings.ts';

/**
 * Connections break with a reset on both sides, idle ones too: at once, after a time since the fault began or they were
 * made, or when so many bytes went to the client.
 */
export const resetConnections: FaultKind = {
  kind: 'reset',
  begin(settings, { deadlines }) {
    const share = numberWithin(settings, 'share', 0, 1);
    const seed = textOf(settings, 'seed');
    const afterMs = optionalCount(settings, 'afterMs');
    const afterBytes = optionalCount(settings, 'afterBytes');
    const tally = { connections: 0, resets: 0 };

    return {
      join(connection) {
        tally.connections += 1;
        const none = { near: 'wire', upstream: undefined, downstream: undefined } as const;
        if (chance(`${seed}/${connection.number}`)() >= share) return none;
        const reset = () => {
          tally.resets += 1;
          connection.break();
        };
        if (afterBytes !== undefined) return { ...none, downstream: new Fuse(afterBytes, reset) };
        if (afterMs !== undefined)
          return { ...none, leave: deadlines.at(nowMs() + afterMs, () => connection.guard(reset)) };
        soon(connection, reset);
        return none;
      },
      counters: () => ({ ...tally }),
    };
  },
};

/** Not while the connection is being put together. */
const soon = (connection: JoinedConnection, work: () => void): void => void setImmediate(() => connection.guard(work));

/** Lets so many bytes pass, then blows. */
class Fuse implements Stage {
  next: Receiver = unplaced;
  readonly heldBytes = 0;
  #leftBytes: number;
  readonly #blow: () => void;

  constructor(bytes: number, blow: () => void) {
    this.#leftBytes = bytes;
    this.#blow = blow;
  }

  take(item: Item): void {
    if (this.#leftBytes <= 0) return; // it has blown
    this.#leftBytes -= sizeOf(item);
    if (this.#leftBytes > 0) this.next.take(item);
    else this.#blowIn(item);
  }

  /** Its bytes up to the limit still pass. */
  #blowIn(item: Item): void {
    const passing = sizeOf(item) + this.#leftBytes;
    if (item.kind === 'bytes' && passing > 0) this.next.take({ kind: 'bytes', bytes: item.bytes.subarray(0, passing) });
    this.#blow();
  }

  release(): void {}

  drop(): void {}
}
