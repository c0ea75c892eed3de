import type { ProxyCounters } from '../../model/fault.ts';
import type { Outcome } from '../flow/holding-line.ts';
import { type Blindness, blindnesses, type Completion } from '../protocols/conversation.ts';

/** One answer that is being held, and what it should come to. */
export interface Answer extends Completion {
  isSlowed: boolean;
  beginMs: number;
  endMs: number;
}

/** How many queries a fault slowed, and how well it kept to what it should. */
export class QueryTally {
  #queries = 0;
  #slowed = 0;
  #cutShort = 0;
  #serverMs = 0;
  #clientMs = 0;
  #serverMaxMs = 0;
  #clientMaxMs = 0;
  #errorMs = 0;
  #errorMaxMs = 0;
  readonly #unseen = new Map<Blindness, number>();

  /** The server has answered one; its client has still to wait. */
  query(): void {
    this.#queries += 1;
  }

  /** Times are taken of those that were held to their end. */
  answered(answers: Answer[], releasedMs: number, outcome: Outcome): void {
    for (const { isSlowed, work, workMs, beginMs, endMs } of answers) {
      if (!isSlowed) continue;
      if (work === 'query') this.#count(outcome);
      if (outcome === 'cut-short') continue;
      const clientMs = releasedMs - beginMs;
      const errorMs = releasedMs - endMs;
      this.#serverMs += workMs;
      this.#clientMs += clientMs;
      this.#serverMaxMs = Math.max(this.#serverMaxMs, workMs);
      this.#clientMaxMs = Math.max(this.#clientMaxMs, clientMs);
      this.#errorMs += errorMs;
      this.#errorMaxMs = Math.max(this.#errorMaxMs, errorMs);
    }
  }

  #count(outcome: Outcome): void {
    if (outcome === 'on-time') this.#slowed += 1;
    else this.#cutShort += 1;
  }

  unseen(sight: Blindness): void {
    this.#unseen.set(sight, (this.#unseen.get(sight) ?? 0) + 1);
  }

  counters(): ProxyCounters {
    return {
      queries: this.#queries,
      slowedQueries: this.#slowed,
      cutShortQueries: this.#cutShort,
      serverMs: this.#serverMs,
      clientMs: this.#clientMs,
      serverMaxMs: this.#serverMaxMs,
      clientMaxMs: this.#clientMaxMs,
      errorMs: this.#errorMs,
      errorMaxMs: this.#errorMaxMs,
      ...Object.fromEntries(blindnesses.map((one) => [`${one}Connections`, this.#unseen.get(one) ?? 0])),
    };
  }
}
