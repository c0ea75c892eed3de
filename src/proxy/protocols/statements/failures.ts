import { randomBytes } from 'node:crypto';
import type { Blindness } from '../conversation.ts';
import type { ErrorAnswer } from './dialect.ts';

/** How a statement, or the opening of a session, fails. `settled` is called when its client is told. */
export interface Failure {
  error: ErrorAnswer;
  settled(): void;
}

/** A fault's part in a connection. */
export interface StatementWatcher {
  /** A statement is on its way to the server. @returns how it is to fail, if it is to */
  asked(statement: string | undefined): Failure | undefined;
  /** From here on nothing can be told apart: the connection passes untouched. */
  lost(sight: Blindness): void;
}

/** The failures of one connection whose errors are still to come from the server. Each is known by a name nobody else uses. */
export class Failures {
  readonly #prefix = `chaos_${randomBytes(8).toString('hex')}_`;
  readonly #pattern = new RegExp(`${this.#prefix}([0-9]+)`);
  readonly #awaited = new Map<number, Failure>();
  #count = 0;

  get areAwaited(): boolean {
    return this.#awaited.size > 0;
  }

  /** @returns the name that the server's error will have in it */
  add(failure: Failure): string {
    this.#count += 1;
    this.#awaited.set(this.#count, failure);
    return this.#prefix + this.#count;
  }

  /** @returns the failure whose name stands in the error of a server. What was asked before it gets no answer any more. */
  take(error: Buffer): Failure | undefined {
    const number = Number(this.#pattern.exec(error.toString('latin1'))?.[1]);
    const failure = this.#awaited.get(number);
    for (const one of failure ? [...this.#awaited.keys()] : []) if (one <= number) this.#awaited.delete(one);
    return failure;
  }
}
