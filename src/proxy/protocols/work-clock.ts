import type { Moment } from './conversation.ts';

/**
 * Times the work of a server that does one thing after the other: it can begin a request when it has it whole and has
 * finished the one before.
 */
export class WorkClock {
  /** When the last piece of work was finished, on the server's clock. */
  #finishedMs = Number.NEGATIVE_INFINITY;

  /** @returns how long it worked on what it got then and finished now */
  finish(got: Moment, at: Moment): number {
    const begunMs = Math.max(got.serverMs, this.#finishedMs);
    this.#finishedMs = at.serverMs;
    return Math.max(0, at.serverMs - begunMs);
  }
}
