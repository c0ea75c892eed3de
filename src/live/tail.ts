import { closeSync, openSync, readSync } from 'node:fs';
import type { RunEvent } from '../model/event.ts';
import { RunFold, type ToldRun } from '../reporters/run-fold.ts';

const chunkBytes = 1024 * 1024;

/** Follows the event log of a run that goes on. */
export class Tail {
  readonly #file: string;
  readonly #fold = new RunFold();
  #readBytes = 0;
  #rest: Buffer = Buffer.alloc(0);
  #hasBegun = false;
  isOver = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** What the run came to so far; `undefined` while it has not begun. A late answer may be shown a moment after later ones. */
  told(): ToldRun | undefined {
    this.#catchUp();
    return this.#hasBegun ? this.#fold.told() : undefined;
  }

  #catchUp(): void {
    const descriptor = openIfThere(this.#file);
    if (descriptor === undefined) return;
    try {
      const chunk = Buffer.alloc(chunkBytes);
      for (let count = -1; count !== 0; ) {
        count = readSync(descriptor, chunk, 0, chunk.length, this.#readBytes);
        this.#readBytes += count;
        this.#take(Buffer.concat([this.#rest, chunk.subarray(0, count)]));
      }
    } finally {
      closeSync(descriptor);
    }
  }

  #take(bytes: Buffer): void {
    const end = bytes.lastIndexOf('\n') + 1;
    // A line that is not written whole yet is read with the next.
    this.#rest = bytes.subarray(end);
    for (const line of bytes.toString('utf8', 0, end).split('\n')) if (line !== '') this.#add(line);
  }

  #add(line: string): void {
    let event: RunEvent;
    try {
      event = JSON.parse(line) as RunEvent;
    } catch {
      return; // torn by the runner's death
    }
    this.#hasBegun = true;
    if (event.type === 'run-ended') this.isOver = true;
    this.#fold.add(event);
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch {
    return undefined;
  }
}
