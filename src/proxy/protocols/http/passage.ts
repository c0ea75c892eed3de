import type { Item } from '../../flow/item.ts';
import type { AnswerMark, Exchange } from './exchange.ts';
import { changedHead, type HeadChange } from './head-change.ts';

/** Gathers which parts of a chunk go on, so that neighbours go on together; marks move with their bytes. */
export class Passage {
  readonly #bytes: Buffer;
  readonly #emit: (item: Item) => void;
  #from = 0;
  #to = 0;
  #marks: AnswerMark[] = [];
  #bodyOf: Exchange | undefined;

  constructor(bytes: Buffer, emit: (item: Item) => void) {
    this.#bytes = bytes;
    this.#emit = emit;
  }

  /** @param bodyOf the followed exchange to whose answer they belong as its body */
  pass(from: number, to: number, bodyOf?: Exchange): void {
    this.#goTo(from, bodyOf);
    this.#to = to;
  }

  /** What is passed next, from here on, begins an answer. */
  mark(at: number, exchange: Exchange): void {
    this.#goTo(at, undefined);
    this.#marks.push({ offset: this.#to - this.#from, exchange });
  }

  /** The head of an answer goes on changed. */
  replace(from: number, to: number, exchange: Exchange, changes: readonly HeadChange[]): void {
    this.flush();
    this.#emit({
      kind: 'bytes',
      bytes: changedHead(this.#bytes.subarray(from, to), changes),
      answers: [{ offset: 0, exchange }],
    });
  }

  flush(): void {
    if (this.#to > this.#from) {
      const bytes = this.#bytes.subarray(this.#from, this.#to);
      this.#emit({
        kind: 'bytes',
        bytes,
        ...(this.#marks.length > 0 ? { answers: this.#marks } : {}),
        ...(this.#bodyOf ? { bodyOf: this.#bodyOf } : {}),
      });
    }
    this.#from = this.#to;
    this.#marks = [];
  }

  #goTo(at: number, bodyOf: Exchange | undefined): void {
    if (at === this.#to && bodyOf === this.#bodyOf) return;
    this.flush();
    this.#from = at;
    this.#to = at;
    this.#bodyOf = bodyOf;
  }
}
