import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { masked } from '../host/secrets.ts';
import type { RunEvent, RunEventBody } from '../model/event.ts';
import type { Clock } from './clock.ts';

export type Listener = (event: RunEvent) => void;
/** How the rest of the runner says what happened. */
export type Emit = (body: RunEventBody) => void;

/**
 * Appends every event to `events.ndjson` and tells the listeners. Written at once and in order, so that what happened
 * before a SIGKILL can be read after it.
 */
export class EventLog {
  readonly #clock: Clock;
  readonly #descriptor: number;
  readonly #listeners: readonly Listener[];
  #seq = 0;
  #closed = false;
  #broken = false;
  readonly #onFailure: (message: string) => void;

  constructor(file: string, clock: Clock, listeners: readonly Listener[], onFailure: (message: string) => void) {
    this.#onFailure = onFailure;
    this.#descriptor = openSync(file, 'ax', 0o644);
    this.#clock = clock;
    this.#listeners = listeners;
  }

  readonly emit: Emit = (body) => {
    if (this.#closed) return; // a straggler of what was stopped
    const bare: RunEvent = {
      seq: this.#seq++,
      atMs: round(this.#clock.now()),
      time: this.#clock.wallTime().toISOString(),
      ...body,
    };
    const written = JSON.stringify(bare);
    const line = masked(written);
    // Whoever listens sees what is written.
    const event = line === written ? bare : (JSON.parse(line) as RunEvent);
    const failure = this.#write(line);
    for (const listener of this.#listeners) listener(event);
    if (failure !== undefined) this.#onFailure(failure);
  };

  close(): void {
    this.#closed = true;
    if (!this.#broken) fdatasyncSync(this.#descriptor);
    closeSync(this.#descriptor);
  }

  /** @returns why it could not be written, the first time; from then on nothing is */
  #write(line: string): string | undefined {
    if (this.#broken) return undefined;
    try {
      writeSync(this.#descriptor, `${line}\n`);
      return undefined;
    } catch (error) {
      this.#broken = true;
      return (error as Error).message;
    }
  }
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
