import type { Outcome } from '../../flow/holding-line.ts';
import type { Deadlines } from '../../time/deadlines.ts';
import { nowMs } from '../../time/now.ts';
import type { AnswerDelays } from './answer-delays.ts';

/** Answers that wait each for itself, and no other for them. */
export class HeldAnswers {
  readonly #deadlines: Deadlines;
  readonly #tally: AnswerDelays;
  readonly #waiting = new Set<(outcome: Outcome) => void>();
  #isOver = false;

  constructor(deadlines: Deadlines, tally: AnswerDelays) {
    this.#deadlines = deadlines;
    this.#tally = tally;
  }

  /** Resolves after so long, or when all are released. */
  hold(delayMs: number): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    const beganMs = nowMs();
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        cancel();
        this.#waiting.delete(settle);
        this.#tally.released(nowMs() - beganMs, delayMs, outcome);
        resolve();
      };
      const cancel = this.#deadlines.at(beganMs + delayMs, () => settle('on-time'));
      this.#waiting.add(settle);
    });
  }

  release(): void {
    this.#isOver = true;
    for (const settle of [...this.#waiting]) settle('cut-short');
  }
}
