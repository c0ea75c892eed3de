import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import type { Emit } from './event-log.ts';

/** What a person said, and who it was. */
export interface Answer {
  approved: boolean;
  by: string;
}

const lookEveryMs = 50;

/**
 * Questions that a run puts to a person. An answer comes from the terminal that the run was started in, from
 * `chaos approve` in another one (a file in the run's private folder, which only its user can write to), or was given
 * in advance.
 */
export class Approvals {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #answers: Map<string, Answer>;

  /** @param confirmed ids of what was approved in advance */
  constructor(scratch: string, confirmed: string[], clock: Clock, emit: Emit) {
    this.#folder = folderIn(scratch);
    this.#clock = clock;
    this.#emit = emit;
    this.#answers = new Map(confirmed.map((id) => [id, { approved: true, by: '--confirm' }]));
  }

  answer(id: string, answer: Answer): void {
    this.#answers.set(id, answer);
  }

  /** @returns what was said, or `undefined` when nobody said anything in time */
  async ask(
    { id, question, within }: { id: string; question: string; within: number },
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const untilMs = this.#clock.now() + within;
    this.#emit({ type: 'approval-asked', id, question, untilMs });
    for (;;) {
      const answer = this.#answers.get(id) ?? readAnswer(join(this.#folder, id));
      if (answer) {
        this.#emit({ type: 'approval-given', id, ...answer });
        return answer;
      }
      if (this.#clock.now() >= untilMs) return undefined;
      await this.#clock.sleepUntil(Math.min(this.#clock.now() + lookEveryMs, untilMs), signal);
    }
  }
}

/** Answers a question of a run from another process. @throws when the run is over, or belongs to somebody else */
export function sendAnswer(scratch: string, id: string, answer: Answer): void {
  const folder = folderIn(scratch);
  mkdirSync(folder, { mode: 0o700, recursive: true });
  const draft = join(folder, `.${process.pid}`);
  writeFileSync(draft, JSON.stringify(answer), { mode: 0o600 });
  renameSync(draft, join(folder, id));
}

const folderIn = (scratch: string): string => join(scratch, 'answers');

function readAnswer(file: string): Answer | undefined {
  try {
    const { approved, by } = JSON.parse(readFileSync(file, 'utf8')) as Answer;
    return { approved: approved === true, by: String(by) };
  } catch {
    return undefined; // not there yet
  }
}
