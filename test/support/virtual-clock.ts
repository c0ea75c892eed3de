import type { Clock } from '../../src/runner/clock.ts';

interface Sleeper {
  atMs: number;
  wake(): void;
}

/** A day in milliseconds: whenever nothing else can happen, time jumps to the next sleeper. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  readonly #sleepers = new Set<Sleeper>();
  #jumping = false;

  now(): number {
    return this.#nowMs;
  }

  wallTime(): Date {
    return new Date(this.#nowMs);
  }

  async sleepUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (atMs <= this.#nowMs) return;
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { atMs, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
      this.#jump();
    });
  }

  #jump(): void {
    if (this.#jumping) return;
    this.#jumping = true;
    // Two turns of the loop: whatever can go on without time passing has gone on by then.
    setImmediate(() =>
      setImmediate(() => {
        this.#jumping = false;
        const next = [...this.#sleepers].sort((a, b) => a.atMs - b.atMs)[0];
        if (!next) return;
        this.#sleepers.delete(next);
        this.#nowMs = Math.max(this.#nowMs, next.atMs);
        next.wake();
        if (this.#sleepers.size > 0) this.#jump();
      }),
    );
  }
}
