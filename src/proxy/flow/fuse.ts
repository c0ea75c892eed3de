import { type Item, sizeOf } from './item.ts';
import { type Receiver, type Stage, unplaced } from './stage.ts';

/** Lets so many bytes pass, then blows: nothing passes any more. */
export class Fuse implements Stage {
  next: Receiver = unplaced;
  readonly heldBytes = 0;
  #passedBytes = 0;
  #hasBlown = false;
  readonly #limitBytes: () => number;
  readonly #blow: (fuse: Fuse) => void;

  /** @param limitBytes asked whenever bytes come: it may change */
  constructor(limitBytes: () => number, blow: (fuse: Fuse) => void) {
    this.#limitBytes = limitBytes;
    this.#blow = blow;
  }

  take(item: Item): void {
    if (this.#hasBlown) return;
    if (item.kind === 'bytes') this.#takeBytes(item);
    else this.next.take(item);
  }

  /** Its bytes up to the limit still pass. */
  #takeBytes(item: Extract<Item, { kind: 'bytes' }>): void {
    const leftBytes = Math.max(0, this.#limitBytes() - this.#passedBytes);
    this.#passedBytes += Math.min(leftBytes, sizeOf(item));
    this.#hasBlown = sizeOf(item) >= leftBytes;
    if (!this.#hasBlown) this.next.take(item);
    else if (leftBytes > 0) this.next.take({ kind: 'bytes', bytes: item.bytes.subarray(0, leftBytes) });
    if (this.#hasBlown) this.#blow(this);
  }

  release(): void {}

  drop(): void {}
}
