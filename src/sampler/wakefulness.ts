const tickMs = 20;
/** A shorter pause spoils no sample: the system's own answers vary by as much. */
const tolerableMs = 100;

/**
 * Knows when this process could not work: stopped, or starved of CPU. What was under way then cannot be judged: an answer
 * may have come in time and nobody looked.
 */
export class Wakefulness {
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #lastTickMs: number;
  /** Of several pauses the last is enough: whoever was under way in an earlier one and still is, is in this one too. */
  #lastPause = { endMs: Number.NEGATIVE_INFINITY, ms: 0 };

  constructor(now: () => number) {
    this.#now = now;
    this.#lastTickMs = now();
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
  }

  /** For how long we could not work at some time since then; 0 when we always could. */
  pausedMs(sinceMs: number): number {
    this.#notice();
    return this.#lastPause.endMs > sinceMs ? this.#lastPause.ms : 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#notice();
    this.#lastTickMs = this.#now();
  }

  /** A pause may be noticed before the tick that it delayed. */
  #notice(): void {
    const now = this.#now();
    const pausedMs = now - this.#lastTickMs - tickMs;
    if (pausedMs > tolerableMs) this.#lastPause = { endMs: now, ms: pausedMs };
  }
}
