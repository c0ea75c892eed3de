import type { Item } from './item.ts';

export interface Receiver {
  take(item: Item): void;
}

/**
 * One station on the way of one direction of one connection:
 *
 *     source ──▶ stage ──▶ stage ──▶ sink
 *
 * It passes on every item it takes, in order, now or later. Stages are put in and taken out while data flows.
 */
export interface Stage extends Receiver {
  /** Where it passes on to; set by the direction, and changed when stages come and go. */
  next: Receiver;
  readonly heldBytes: number;
  /** How much it needs to hold to slow nobody down, when it knows; within what all together may hold, it gets that. */
  readonly roomBytes?: number;
  /** When it holds so much it wants no more, whatever it may hold. */
  readonly mostBytes?: number;
  /** Passes on everything that it holds, now. */
  release(): void;
  /** Forgets what it holds: there is nobody to receive it. */
  drop(): void;
}

/** Where a stage passes on to before it is put into a direction. */
export const unplaced: Receiver = {
  take() {
    throw new Error('a stage passed something on before it was put into a direction');
  },
};
