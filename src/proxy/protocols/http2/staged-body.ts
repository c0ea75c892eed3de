import { Duplex } from 'node:stream';
import type { Item } from '../../flow/item.ts';
import type { Stage } from '../../flow/stage.ts';

/** So much of a body may wait, in the stage and for a client that does not read; its sender waits behind that. */
const mostBytes = 256 * 1024;

/** The body of an answer on its way through a stage, such as stands in the direction of a connection. */
export class StagedBody extends Duplex {
  readonly #stage: Stage;
  #isLifted = false;
  /** There is no room for what comes next. */
  #goOn: (() => void) | undefined;

  constructor(stage: Stage) {
    super();
    this.#stage = stage;
    stage.next = { take: (item) => this.#pass(item) };
  }

  /** Passes on what the stage holds, and what comes from now on as it comes. */
  lift(): void {
    this.#isLifted = true;
    this.#stage.release();
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#goOn = done;
    this.#take({ kind: 'bytes', bytes });
    this.#regulate();
  }

  override _final(done: () => void): void {
    this.#take({ kind: 'end' });
    done();
  }

  override _read(): void {
    this.#regulate();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stage.drop();
    done(error);
  }

  #take(item: Item): void {
    if (this.#isLifted) this.#pass(item);
    else this.#stage.take(item);
  }

  #pass(item: Item): void {
    this.push(item.kind === 'bytes' ? item.bytes : null);
    this.#regulate();
  }

  #regulate(): void {
    if (this.#stage.heldBytes + this.readableLength >= mostBytes) return;
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
  }
}
