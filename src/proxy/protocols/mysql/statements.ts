import { integerAt } from './answers.ts';

/** Remembers the texts of a session's prepared statements. Heads of packets may be no more than their beginnings. */
export class Statements {
  readonly #prepared = new Map<number, string>();
  readonly #parameters = new Map<number, number>();
  #last: string | undefined;

  /** @returns the text of a query, when it is known: behind attributes it is not looked for */
  query(head: Buffer, hasAttributes: boolean): string | undefined {
    if (!hasAttributes) return head.toString('utf8', 1);
    const attributes = integerAt(head, 1);
    const sets = attributes && integerAt(head, attributes.end);
    return sets && attributes.value === 0 ? head.toString('utf8', sets.end) : undefined;
  }

  /** The server has prepared it. */
  prepared(head: Buffer, statement: string): void {
    this.#last = statement;
    if (head.length < 9) return;
    this.#prepared.set(head.readUInt32LE(1), statement);
    this.#parameters.set(head.readUInt32LE(1), head.readUInt16LE(7));
  }

  /** @returns the text of what is executed or fetched */
  executed(head: Buffer): string | undefined {
    const id = head.length >= 5 ? head.readUInt32LE(1) : 0;
    return id === lastPrepared ? this.#last : this.#prepared.get(id);
  }

  /** @returns how many parameters a prepared statement has, when that is known */
  parameters(id: number): number | undefined {
    return this.#parameters.get(id);
  }

  close(head: Buffer): void {
    if (head.length < 5) return;
    this.#prepared.delete(head.readUInt32LE(1));
    this.#parameters.delete(head.readUInt32LE(1));
  }
}

/** So clients of MariaDB execute what they have only just asked to prepare. */
const lastPrepared = 0xff_ff_ff_ff;
