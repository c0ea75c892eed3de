import type { ProxyCounters } from '../../../model/fault.ts';
import type { Outcome } from '../../flow/holding-line.ts';

/** What was achieved, on the clock of the line that held the answers. */
export class AnswerDelays {
  #delayed = 0;
  #cutShort = 0;
  #sumMs = 0;
  #maxMs = 0;
  #errorSumMs = 0;

  released(heldMs: number, askedMs: number, outcome: Outcome): void {
    if (outcome === 'cut-short') {
      this.#cutShort += 1;
      return;
    }
    this.#delayed += 1;
    this.#sumMs += heldMs;
    this.#maxMs = Math.max(this.#maxMs, heldMs);
    this.#errorSumMs += heldMs - askedMs;
  }

  counters(): ProxyCounters {
    return {
      delayedRequests: this.#delayed,
      cutShortRequests: this.#cutShort,
      delaySumMs: this.#sumMs,
      delayMaxMs: this.#maxMs,
      errorSumMs: this.#errorSumMs,
    };
  }
}
