import type { Completion, Moment } from '../conversation.ts';
import { WorkClock } from '../work-clock.ts';

/** What the server was asked and has not finished yet, in the order in which it was asked. */
type Asked =
  /** One simple Query: it may hold several statements, and is over when the server is ready again. */
  | { kind: 'query'; got: Moment; statement: string | undefined; copied: boolean }
  /** One Execute of the extended protocol. */
  | { kind: 'execute'; got: Moment; statement: string | undefined; copied: boolean }
  /** A Sync; the server commits there when something was executed since the last one. */
  | { kind: 'sync'; got: Moment; statement: string | undefined; commits: boolean }
  | { kind: 'call'; got: Moment }
  /** CopyData, and CopyDone or CopyFail. They mark which Syncs the server overlooks. */
  | { kind: 'copy-data' }
  | { kind: 'copy-end' };

/** An answer that nothing asked for: what we believe of this connection is not so. */
export class OutOfStep extends Error {}

/**
 * Relates the answers of a PostgreSQL server to what it was asked, and times its work.
 */
export class WorkQueue {
  #asked: Asked[] = [];
  /** What was executed last since the last Sync. */
  #executed: { statement: string | undefined } | undefined;
  /** The statement at the head is a COPY FROM STDIN: until it ends, the server overlooks Sync. */
  #copyingIn = false;
  readonly #clock = new WorkClock();

  query(got: Moment, statement: string | undefined): void {
    this.#asked.push({ kind: 'query', got, statement, copied: false });
  }

  execute(got: Moment, statement: string | undefined): void {
    this.#executed = { statement };
    this.#asked.push({ kind: 'execute', got, statement, copied: false });
  }

  sync(got: Moment): void {
    const commits = this.#executed !== undefined;
    this.#asked.push({ kind: 'sync', got, statement: this.#executed?.statement, commits });
    this.#executed = undefined;
  }

  call(got: Moment): void {
    this.#asked.push({ kind: 'call', got });
  }

  copy(kind: 'copy-data' | 'copy-end'): void {
    if (this.#asked.at(-1)?.kind !== kind) this.#asked.push({ kind });
  }

  /** The server sends or wants rows of a COPY: how long that takes is the client's doing as well. */
  copyBegins(direction: 'in' | 'out'): void {
    const head = this.#head();
    if (head?.kind !== 'query' && head?.kind !== 'execute') throw new OutOfStep();
    head.copied = true;
    this.#copyingIn = direction === 'in';
  }

  /** A statement is complete. @returns its completion, unless it was a COPY, whose time nobody multiplies */
  completed(at: Moment, offset: number): Completion | undefined {
    const head = this.#head();
    if (head?.kind !== 'query' && head?.kind !== 'execute') throw new OutOfStep();
    if (head.kind === 'execute') this.#asked.shift();
    const workMs = this.#clock.finish(head.got, at);
    if (this.#copyingIn) this.#forgetOverlookedSyncs();
    if (!head.copied) return { offset, work: 'query', statement: head.statement, gotMs: head.got.ms, workMs };
    head.copied = false; // a simple Query may go on with another statement
    return undefined;
  }

  /** A statement failed, or the server has something to say of its own (that it shuts down, say). */
  failed(at: Moment, offset: number): Completion | undefined {
    const head = this.#head();
    if (head?.kind !== 'query' && head?.kind !== 'execute') return undefined;
    const completion = this.completed(at, offset);
    // After an error the server reads on to the next Sync and does nothing of what stands before it.
    if (head.kind === 'execute') this.#dropWhile(({ kind }) => kind !== 'sync');
    return completion;
  }

  /** The server is ready for more. @returns the work since the last answer, if there was any: a commit */
  ready(at: Moment, offset: number): Completion | undefined {
    this.#dropWhile(({ kind }) => kind !== 'query' && kind !== 'sync' && kind !== 'call');
    const head = this.#asked.shift();
    if (!head || !('got' in head)) throw new OutOfStep();
    const workMs = this.#clock.finish(head.got, at);
    if (head.kind !== 'sync' || !head.commits || workMs === 0) return undefined;
    return { offset, work: 'commit', statement: head.statement, gotMs: head.got.ms, workMs };
  }

  /** The request that the server works on. CopyData without a COPY is nothing to it. */
  #head(): Asked | undefined {
    this.#dropWhile(({ kind }) => kind === 'copy-data' || kind === 'copy-end');
    return this.#asked[0];
  }

  #dropWhile(unwanted: (asked: Asked) => boolean): void {
    const keep = this.#asked.findIndex((asked) => !unwanted(asked));
    this.#asked.splice(0, keep === -1 ? this.#asked.length : keep);
  }

  /**
   * Clients send Execute and Sync together, not knowing that the statement is a COPY FROM STDIN; the server answers
   * no Sync that it reads while it copies, and they send another behind the data.
   */
  #forgetOverlookedSyncs(): void {
    this.#copyingIn = false;
    const end = this.#asked.findIndex(({ kind }) => kind === 'copy-end');
    const border = end !== -1 ? end : this.#asked.findLastIndex(({ kind }) => kind === 'copy-data');
    const overlooked = border === -1 ? this.#asked.length : border;
    this.#asked = this.#asked.filter(({ kind }, index) => kind !== 'sync' || index > overlooked);
  }
}
