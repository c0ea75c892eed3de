import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import { type Item, weightOf } from './item.ts';
import type { Receiver } from './stage.ts';

/** How the holding of an item ended. `cut-short`: before its time, because the fault was removed. */
export type Outcome = 'on-time' | 'cut-short';
export type Settle = (releasedMs: number, outcome: Outcome) => void;

interface Held {
  item: Item;
  dueMs: number;
  settle: Settle | undefined;
}

/** A row in which items wait for their time. Nothing overtakes: who comes after a waiting one waits at least as long. */
export class HoldingLine {
  heldBytes = 0;
  readonly #deadlines: Deadlines;
  /** Errors of ours end in the connection that this line belongs to. */
  readonly #guard: (work: () => void) => void;
  readonly #next: () => Receiver;
  #row: Held[] = [];
  /** Index of the first that still waits; the row is cut now and then, not at each release. */
  #first = 0;
  #cancel: (() => void) | undefined;

  constructor(deadlines: Deadlines, guard: (work: () => void) => void, next: () => Receiver) {
    this.#deadlines = deadlines;
    this.#guard = guard;
    this.#next = next;
  }

  /** Passes the item on when it is `dueMs` and all before it have gone. @param settle called when it goes */
  hold(item: Item, dueMs: number, settle?: Settle): void {
    if (this.#first === this.#row.length && dueMs <= nowMs()) {
      this.#pass({ item, dueMs, settle }, 'on-time');
      return;
    }
    this.#row.push({ item, dueMs, settle });
    this.heldBytes += weightOf(item);
    this.#arm();
  }

  release(): void {
    this.#disarm();
    for (const held of this.#take(this.#row.length - this.#first)) this.#pass(held, 'cut-short');
  }

  drop(): void {
    this.#disarm();
    this.#row = [];
    this.#first = 0;
    this.heldBytes = 0;
  }

  #releaseDue(): void {
    this.#cancel = undefined;
    const now = nowMs();
    let due = this.#first;
    while (due < this.#row.length && this.#row[due]!.dueMs <= now) due += 1;
    for (const held of this.#take(due - this.#first)) this.#pass(held, 'on-time');
    this.#arm();
  }

  /** Takes so many out of the row before the first of them is passed on: what that causes finds the row in order. */
  #take(count: number): Held[] {
    const taken = this.#row.slice(this.#first, this.#first + count);
    this.#first += count;
    if (this.#first * 2 > this.#row.length) {
      this.#row = this.#row.slice(this.#first);
      this.#first = 0;
    }
    for (const { item } of taken) this.heldBytes -= weightOf(item);
    return taken;
  }

  #pass({ item, settle }: Held, outcome: Outcome): void {
    settle?.(nowMs(), outcome);
    this.#next().take(item);
  }

  #arm(): void {
    if (this.#cancel || this.#first === this.#row.length) return;
    this.#cancel = this.#deadlines.at(this.#row[this.#first]!.dueMs, () => this.#guard(() => this.#releaseDue()));
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
