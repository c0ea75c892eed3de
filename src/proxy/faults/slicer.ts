import { chance } from '../../model/chance.ts';
import type { Item } from '../flow/item.ts';
import { Row } from '../flow/row.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { numberWithin, oneOf, textOf } from './settings.ts';

/** Bytes go on in pieces of `averageBytes` ± `variationBytes`, each sent by itself, `delayMs` after the one before it. */
export const slicer: FaultKind = {
  kind: 'slicer',
  begin(settings, { deadlines }) {
    const averageBytes = numberWithin(settings, 'averageBytes', 1, Number.MAX_VALUE);
    const variationBytes = numberWithin(settings, 'variationBytes', 0, averageBytes);
    const delayMs = numberWithin(settings, 'delayMs', 0, Number.MAX_VALUE);
    const direction = oneOf(settings, 'direction', ['upstream', 'downstream']);
    const seed = textOf(settings, 'seed');
    const tally = { connections: 0, pieces: 0 };
    return {
      join(connection) {
        tally.connections += 1;
        const draw = chance(`${seed}/${connection.number}/${direction}`);
        const nextBytes = () => {
          tally.pieces += 1;
          return Math.max(1, Math.round(averageBytes + variationBytes * (2 * draw() - 1)));
        };
        return {
          near: 'wire',
          upstream: undefined,
          downstream: undefined,
          [direction]: new Slices(deadlines, connection, { nextBytes, delayMs }),
        };
      },
      counters: () => ({ ...tally }),
    };
  },
};

/** So many go on before others have their turn. */
const piecesAtOnce = 100;

class Slices implements Stage {
  next: Receiver = unplaced;
  /** What waits behind it, in pieces, weighs many times as much. */
  readonly mostBytes = 256 * 1024;
  readonly #row = new Row();
  #freeMs = 0;
  #cancel: (() => void) | undefined;
  readonly #deadlines: Deadlines;
  readonly #connection: JoinedConnection;
  readonly #about: { nextBytes(): number; delayMs: number };

  constructor(deadlines: Deadlines, connection: JoinedConnection, about: { nextBytes(): number; delayMs: number }) {
    this.#deadlines = deadlines;
    this.#connection = connection;
    this.#about = about;
  }

  get heldBytes(): number {
    return this.#row.heldBytes;
  }

  take(item: Item): void {
    this.#row.push(item);
    if (!this.#cancel) this.#goOn();
  }

  release(): void {
    this.#disarm();
    for (const item of this.#row.takeAll()) this.next.take(item);
  }

  drop(): void {
    this.#disarm();
    this.#row.takeAll();
  }

  #goOn(): void {
    this.#cancel = undefined;
    for (let pieces = 0; this.#row.first; pieces += 1) {
      if (this.#freeMs > nowMs() || pieces === piecesAtOnce) {
        this.#cancel = this.#deadlines.at(this.#freeMs, () => this.#connection.guard(() => this.#goOn()));
        return;
      }
      const item = this.#row.take(this.#row.first.kind === 'bytes' ? this.#about.nextBytes() : 0);
      this.next.take(item);
      if (item.kind === 'bytes') this.#freeMs = nowMs() + this.#about.delayMs; // sending it took time, too
    }
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
