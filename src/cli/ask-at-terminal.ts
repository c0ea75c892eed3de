import { userInfo } from 'node:os';
import type { RunEvent } from '../model/event.ts';
import type { RunningPlan } from '../runner/run-plan.ts';

/** Reads `y` or `n` for the question that a run has put last. Line by line: a terminal whose reader is killed stays usable. */
export class TerminalAnswers {
  readonly #input: NodeJS.ReadStream;
  readonly #open: string[] = [];
  #running: RunningPlan | undefined;

  constructor(input: NodeJS.ReadStream = process.stdin) {
    this.#input = input;
  }

  direct(running: RunningPlan): void {
    this.#running = running;
  }

  add(event: RunEvent): void {
    if (!this.#input.isTTY) return;
    if (event.type === 'approval-asked') {
      if (this.#open.push(event.id) === 1) this.#input.setEncoding('utf8').on('data', this.#answer).resume();
    } else if (event.type === 'approval-given' || event.type === 'run-ended') {
      this.#open.splice(0, this.#open.length, ...this.#open.filter((id) => 'id' in event && id !== event.id));
      if (this.#open.length === 0) this.#input.off('data', this.#answer).pause();
    }
  }

  #answer = (line: string): void => {
    const id = this.#open.at(-1);
    const said = /^\s*(y|yes|n|no)\s*$/i.exec(line)?.[1];
    if (id === undefined || said === undefined) return;
    this.#running?.answer(id, { approved: /^y/i.test(said), by: `${userInfo().username} at the terminal` });
  };
}
