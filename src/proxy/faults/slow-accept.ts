import { chance } from '../../model/chance.ts';
import { HoldingLine } from '../flow/holding-line.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { numberWithin, textOf } from './settings.ts';

/** On connections that are made while it is in force nothing passes before `delayMs` are over; then all goes on at once. */
export const slowAccept: FaultKind = {
  kind: 'slow-accept',
  begin(settings, { deadlines }) {
    const delayMs = numberWithin(settings, 'delayMs', 0, Number.MAX_VALUE);
    const share = numberWithin(settings, 'share', 0, 1);
    const seed = textOf(settings, 'seed');
    const tally = { connections: 0, delayed: 0 };
    const beganMs = nowMs();
    return {
      join(connection) {
        const isNew = connection.acceptedMs >= beganMs;
        if (isNew) tally.connections += 1;
        const none = { near: 'wire', upstream: undefined, downstream: undefined } as const;
        if (!isNew || chance(`${seed}/${connection.number}`)() >= share) return none;
        tally.delayed += 1;
        const untilMs = connection.acceptedMs + delayMs;
        const stage = () => new Late(deadlines, connection, untilMs);
        return { near: 'wire', upstream: stage(), downstream: stage() };
      },
      counters: () => ({ ...tally }),
    };
  },
};

class Late implements Stage {
  next: Receiver = unplaced;
  readonly #line: HoldingLine;
  readonly #untilMs: number;

  constructor(deadlines: Deadlines, connection: JoinedConnection, untilMs: number) {
    this.#line = new HoldingLine(deadlines, connection.guard, () => this.next);
    this.#untilMs = untilMs;
  }

  get heldBytes(): number {
    return this.#line.heldBytes;
  }

  take(item: Item): void {
    this.#line.hold(item, this.#untilMs);
  }

  release(): void {
    this.#line.release();
  }

  drop(): void {
    this.#line.drop();
  }
}
