import { setTimeout as delay } from 'node:timers/promises';
import { timerMs } from '../model/duration.ts';

/** Time as the runner sees it. Everything that waits takes one, so that a day can pass in a test in milliseconds. */
export interface Clock {
  /** Monotonic milliseconds since the run's start. */
  now(): number;
  /** The time of day, for people. */
  wallTime(): Date;
  /** Resolves at `atMs` or soon after, never before; at once when it has passed. Rejects with the signal's reason. */
  sleepUntil(atMs: number, signal?: AbortSignal): Promise<void>;
}

/** Timers of Node are late by up to a millisecond or two, and early by almost one: the last stretch is polled. */
const polledMs = 1.5;

export class RealClock implements Clock {
  /** CLOCK_MONOTONIC at the run's start; the same in every process of this machine. */
  readonly originNs: bigint;

  constructor(originNs: bigint = process.hrtime.bigint()) {
    this.originNs = originNs;
  }

  now(): number {
    return Number(process.hrtime.bigint() - this.originNs) / 1e6;
  }

  wallTime(): Date {
    return new Date();
  }

  async sleepUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const left = atMs - this.now();
      if (left <= 0) return;
      if (left > polledMs)
        await delay(timerMs(left - polledMs), undefined, signal ? { signal } : {}).catch(rethrowReason(signal));
      else await new Promise(setImmediate);
    }
  }
}

/** `timers/promises` rejects with an AbortError of its own; we want the reason that was given. */
const rethrowReason = (signal: AbortSignal | undefined) => (error: unknown) => {
  signal?.throwIfAborted();
  throw error;
};
