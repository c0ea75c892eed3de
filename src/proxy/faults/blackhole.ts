import { type Item, sizeOf } from '../flow/item.ts';
import { Row } from '../flow/row.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { FaultKind } from './fault.ts';
import { oneOf } from './settings.ts';

/**
 * Nothing passes in the directions that it works on, until it is removed: bytes, the end and resets wait, as much as the
 * proxy may hold, and behind that their sender does. Then all of it goes on, in order, as after a partition in which TCP
 * did not give up.
 */
export const blackhole: FaultKind = {
  kind: 'blackhole',
  begin(settings) {
    const direction = oneOf(settings, 'direction', ['upstream', 'downstream', 'both']);
    const tally = { connections: 0, bytes: 0 };
    return {
      join() {
        let isCounted = false;
        const took = (bytes: number) => {
          if (!isCounted) tally.connections += 1;
          isCounted = true;
          tally.bytes += bytes;
        };
        const stage = (way: 'upstream' | 'downstream') =>
          direction === 'both' || direction === way ? new Wall(took) : undefined;
        return { near: 'wire', upstream: stage('upstream'), downstream: stage('downstream') };
      },
      counters: () => ({ ...tally }),
    };
  },
};

class Wall implements Stage {
  next: Receiver = unplaced;
  readonly #row = new Row();
  readonly #took: (bytes: number) => void;

  constructor(took: (bytes: number) => void) {
    this.#took = took;
  }

  get heldBytes(): number {
    return this.#row.heldBytes;
  }

  take(item: Item): void {
    this.#row.push(item);
    this.#took(sizeOf(item));
  }

  release(): void {
    for (const item of this.#row.takeAll()) this.next.take(item);
  }

  drop(): void {
    this.#row.takeAll();
  }
}
