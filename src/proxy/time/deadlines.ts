import { Alarm } from './alarm.ts';
import { nowMs } from './now.ts';

interface Deadline {
  atMs: number;
  /** `undefined` once it was cancelled. */
  run: (() => void) | undefined;
}

/** After so much work sockets have their turn, even if more is due. */
const mostAtOnceMs = 1;
/** As many do no harm. */
const mostCancelled = 1000;

/**
 * Runs work soon after a moment, never before it. One for all connections of the process. Its thread costs memory, so it is
 * started for the first who wants to be woken.
 */
export class Deadlines {
  #alarm: Alarm | undefined;
  /** A binary heap: the earliest stands first. */
  #heap: Deadline[] = [];
  #armedForMs = Number.POSITIVE_INFINITY;
  #isRunning = false;
  /** So many of those in the heap were cancelled. */
  #cancelled = 0;

  /** Called by who will need it, so that not even the first is woken late. */
  start(): void {
    this.#alarm ??= new Alarm(() => this.#runDue());
  }

  /** Resolves when it can be relied on, if it was started. */
  get ready(): Promise<void> {
    return this.#alarm?.ready ?? Promise.resolve();
  }

  /** @returns takes it back; harmless when it has run */
  at(atMs: number, run: () => void): () => void {
    const deadline: Deadline = { atMs, run };
    this.#push(deadline);
    if (!this.#isRunning && atMs < this.#armedForMs) this.#arm(atMs);
    return () => {
      if (!deadline.run) return;
      deadline.run = undefined;
      this.#cancelled += 1;
      if (this.#cancelled > mostCancelled && this.#cancelled > this.#heap.length / 2) this.#forgetCancelled();
    };
  }

  async stop(): Promise<void> {
    this.#heap.length = 0;
    await this.#alarm?.stop();
  }

  #runDue(): void {
    this.#isRunning = true; // what is added meanwhile is armed once, at the end
    const latestMs = nowMs() + mostAtOnceMs;
    try {
      for (let now = nowMs(); this.#heap.length > 0 && this.#heap[0]!.atMs <= now && now <= latestMs; now = nowMs()) {
        const deadline = this.#pop();
        const { run } = deadline;
        deadline.run = undefined;
        if (run) run();
        else this.#cancelled -= 1;
      }
    } finally {
      this.#isRunning = false;
      this.#goOn(this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY);
    }
  }

  /** What is due already would be rung for in this turn still. */
  #goOn(atMs: number): void {
    if (atMs > nowMs()) {
      this.#arm(atMs);
    } else {
      this.#armedForMs = Number.NEGATIVE_INFINITY;
      setImmediate(() => this.#runDue());
    }
  }

  /** What is to be late by an hour may be taken back a thousand times a second. */
  #forgetCancelled(): void {
    this.#heap = this.#heap.filter(({ run }) => run).sort((one, other) => one.atMs - other.atMs);
    this.#cancelled = 0;
  }

  #arm(atMs: number): void {
    this.#armedForMs = atMs;
    this.start();
    this.#alarm?.set(atMs);
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
