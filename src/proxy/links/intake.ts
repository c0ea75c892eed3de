import type { OnReadOpts, Socket } from 'node:net';
import type { Direction } from './direction.ts';
import { mostToKeep, ReadMemory } from './read-memory.ts';

/** Reads a socket, and gives what comes to a direction. */
export class Intake {
  /** The option of the socket to be. */
  readonly onread: OnReadOpts = {
    buffer: () => this.#memory.next,
    callback: (count) => {
      this.#guard(() => this.#came(count));
      return true; // who wants no more pauses the socket
    },
  };
  readonly #memory = new ReadMemory();
  readonly #guard: (work: () => void) => void;
  #onward: Direction | undefined;

  constructor(guard: (work: () => void) => void) {
    this.#guard = guard;
  }

  /** Before anything can come: in the same turn in which the socket was made. */
  carryTo(onward: Direction, socket: Socket): void {
    this.#onward = onward;
    for (const last of ['end', 'close']) socket.once(last, () => this.#memory.release());
  }

  #came(count: number): void {
    const onward = this.#onward!;
    const { isThrough } = onward;
    if (isThrough && this.#memory.isOwn) onward.lend(this.#memory.view(count));
    else onward.take({ kind: 'bytes', bytes: this.#memory.keep(count) });
    this.#memory.fit(count, isThrough ? Number.POSITIVE_INFINITY : Math.min(mostToKeep, onward.mostToRead));
  }
}
