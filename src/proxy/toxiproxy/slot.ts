import type { Parts } from '../faults/fault.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';

/** The place of a toxic in one connection. It stays where it is while what works in it is changed for another. */
export class Slot implements Stage {
  next: Receiver = unplaced;
  #parts: Parts | undefined;
  #inner: Stage | undefined;
  readonly #relay: Receiver = { take: (item) => this.next.take(item) };

  get heldBytes(): number {
    return this.#inner?.heldBytes ?? 0;
  }

  get roomBytes(): number {
    return this.#inner?.roomBytes ?? 0;
  }

  get mostBytes(): number {
    return this.#inner?.mostBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Puts other parts in. What those before held goes on at once, in order. */
  put(parts: Parts | undefined): void {
    this.leave();
    this.release();
    this.#parts = parts;
    this.#inner = parts?.upstream ?? parts?.downstream;
    if (this.#inner) this.#inner.next = this.#relay;
  }

  get isFilled(): boolean {
    return this.#parts !== undefined;
  }

  changed(): void {
    this.#parts?.changed?.();
  }

  leave(): void {
    const leave = this.#parts?.leave;
    this.#parts = undefined;
    leave?.();
  }

  take(item: Item): void {
    (this.#inner ?? this.next).take(item);
  }

  release(): void {
    this.#inner?.release();
  }

  drop(): void {
    this.#inner?.drop();
  }
}
