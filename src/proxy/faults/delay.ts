import { HoldingLine } from '../flow/holding-line.ts';
import { type Item, weightOf } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import { type ConnectionDelays, DelayTally, delaysFrom } from './delays.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';

/**
 * Holds everything back for `latencyMs` ± `jitterMs` in each direction that it works on: bytes, the end and a reset
 * alike. Never shorter than drawn, in order, and pipelined: what comes later does not wait for the time of what came
 * before it to be over before its own begins.
 */
export const delay: FaultKind = {
  kind: 'delay',
  begin(settings, { deadlines }) {
    const { longestMs, delaysOf } = delaysFrom(settings);
    const tally = new DelayTally();

    return {
      join(connection) {
        const ofConnection = tally.ofConnection();
        const stage = (way: 'upstream' | 'downstream') => {
          const nextMs = delaysOf(connection.number, way);
          return nextMs && new DelayStage(deadlines, connection, nextMs, ofConnection, new Window(longestMs));
        };
        return { near: 'wire', upstream: stage('upstream'), downstream: stage('downstream') };
      },
      counters: () => tally.counters(),
    };
  },
};

class DelayStage implements Stage {
  next: Receiver = unplaced;
  readonly #line: HoldingLine;
  readonly #nextDelayMs: () => number;
  readonly #tally: ConnectionDelays;
  readonly #window: Window;

  constructor(
    deadlines: Deadlines,
    connection: JoinedConnection,
    nextDelayMs: () => number,
    tally: ConnectionDelays,
    window: Window,
  ) {
    this.#line = new HoldingLine(deadlines, connection.guard, () => this.next);
    this.#nextDelayMs = nextDelayMs;
    this.#tally = tally;
    this.#window = window;
  }

  get roomBytes(): number {
    return this.#window.bytes;
  }

  get heldBytes(): number {
    return this.#line.heldBytes;
  }

  take(item: Item): void {
    const tookMs = nowMs();
    const dueMs = tookMs + this.#nextDelayMs();
    if (item.kind !== 'bytes') {
      this.#line.hold(item, dueMs);
      return;
    }
    this.#tally.took(item.bytes.length);
    const weight = weightOf(item);
    this.#line.hold(item, dueMs, (releasedMs, outcome) => {
      this.#window.passed(weight, releasedMs);
      if (outcome === 'on-time') this.#tally.delayed(releasedMs - tookMs);
      else this.#tally.cutShort();
    });
  }

  release(): void {
    this.#line.release();
  }

  drop(): void {
    this.#line.drop();
  }
}

/**
 * How much must be on the way at once for the delay not to limit throughput as well: half as much again as arrived within
 * the last delay. So it grows while the sender has more, as the window of a TCP receiver does (Linux:
 * `tcp_rcv_space_adjust`, which takes twice).
 */
class Window {
  bytes = 0;
  readonly #lastsMs: number;
  #beganMs = 0;
  #arrived = 0;

  constructor(lastsMs: number) {
    this.#lastsMs = lastsMs;
  }

  passed(bytes: number, atMs: number): void {
    if (atMs - this.#beganMs >= this.#lastsMs) {
      this.bytes = 1.5 * this.#arrived;
      this.#beganMs = atMs;
      this.#arrived = 0;
    }
    this.#arrived += bytes;
  }
}
