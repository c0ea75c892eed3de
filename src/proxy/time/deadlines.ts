import { Alarm } from './alarm.ts';
import { nowMs } from './now.ts';

interface Deadline {
  atMs: number;
  /** `undefined` once it was cancelled. */
  run: (() => void) | undefined;
}

/** Runs work soon after a moment, never before it. One for all connections of the process. */
export class Deadlines {
  readonly #alarm = new Alarm(() => this.#runDue());
  /** A binary heap: the earliest stands first. */
  readonly #heap: Deadline[] = [];
  #armedForMs = Number.POSITIVE_INFINITY;
  #isRunning = false;

  get ready(): Promise<void> {
    return this.#alarm.ready;
  }

  /** @returns takes it back; harmless when it has run */
  at(atMs: number, run: () => void): () => void {
    const deadline: Deadline = { atMs, run };
    this.#push(deadline);
    if (!this.#isRunning && atMs < this.#armedForMs) this.#arm(atMs);
    return () => {
      deadline.run = undefined;
    };
  }

  stop(): Promise<void> {
    this.#heap.length = 0;
    return this.#alarm.stop();
  }

  #runDue(): void {
    this.#isRunning = true; // what is added meanwhile is armed once, at the end
    try {
      while (this.#heap.length > 0 && this.#heap[0]!.atMs <= nowMs()) this.#pop().run?.();
    } finally {
      this.#isRunning = false;
      this.#arm(this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY);
    }
  }

  #arm(atMs: number): void {
    this.#armedForMs = atMs;
    this.#alarm.set(atMs);
  }

  #push(deadline: Deadline): void {
    const heap = this.#heap;
    let at = heap.push(deadline) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.atMs <= deadline.atMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = deadline;
  }

  #pop(): Deadline {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child += 1;
      if (heap[child]!.atMs >= last.atMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
