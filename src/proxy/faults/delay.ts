import { chance } from '../../model/chance.ts';
import type { ProxyCounters } from '../../model/fault.ts';
import { HoldingLine } from '../flow/holding-line.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { dayMs, numberWithin, oneOf, textOf } from './settings.ts';

/**
 * Holds everything back for `latencyMs` ± `jitterMs` in each direction that it works on: bytes, the end and a reset
 * alike. Never shorter than drawn, in order, and pipelined: what comes later does not wait for the time of what came
 * before it to be over before its own begins.
 */
export const delay: FaultKind = {
  kind: 'delay',
  begin(settings, { deadlines }) {
    const latencyMs = numberWithin(settings, 'latencyMs', 0, dayMs);
    const jitterMs = numberWithin(settings, 'jitterMs', 0, dayMs);
    const share = numberWithin(settings, 'share', 0, 1);
    const direction = oneOf(settings, 'direction', ['upstream', 'downstream', 'both']);
    const seed = textOf(settings, 'seed');
    const tally = new DelayTally();

    return {
      join(connection) {
        const isHit = chance(`${seed}/${connection.number}`)() < share;
        const passage = tally.passage();
        const stage = (way: 'upstream' | 'downstream') => {
          if (!isHit || (direction !== 'both' && direction !== way)) return undefined;
          const draw = chance(`${seed}/${connection.number}/${way}`);
          const nextMs = () => (jitterMs === 0 ? latencyMs : Math.max(0, latencyMs + jitterMs * (2 * draw() - 1)));
          const window = new Window(latencyMs + jitterMs);
          return new DelayStage(deadlines, connection, nextMs, passage, window);
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
  readonly #passage: Passage;
  readonly #window: Window;

  constructor(
    deadlines: Deadlines,
    connection: JoinedConnection,
    nextDelayMs: () => number,
    passage: Passage,
    window: Window,
  ) {
    this.#line = new HoldingLine(deadlines, connection.guard, () => this.next);
    this.#nextDelayMs = nextDelayMs;
    this.#passage = passage;
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
    this.#passage.took(item.bytes.length);
    const { length } = item.bytes;
    this.#line.hold(item, dueMs, (releasedMs, outcome) => {
      this.#window.passed(length, releasedMs);
      if (outcome === 'on-time') this.#passage.delayed(releasedMs - tookMs);
      else this.#passage.cutShort();
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

/** What the tally is told by the stages of one connection. */
interface Passage {
  took(bytes: number): void;
  delayed(achievedMs: number): void;
  cutShort(): void;
}

/** Figures over all connections. The delay is what was achieved, on the clock of the line that held the bytes. */
class DelayTally {
  #connections = 0;
  #chunks = 0;
  #bytes = 0;
  #delayed = 0;
  #sumMs = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;
  #cutShort = 0;

  /** A connection counts once bytes of it came. */
  passage(): Passage {
    let isCounted = false;
    return {
      took: (bytes) => {
        if (!isCounted) this.#connections += 1;
        isCounted = true;
        this.#chunks += 1;
        this.#bytes += bytes;
      },
      delayed: (achievedMs) => {
        this.#delayed += 1;
        this.#sumMs += achievedMs;
        this.#minMs = Math.min(this.#minMs, achievedMs);
        this.#maxMs = Math.max(this.#maxMs, achievedMs);
      },
      cutShort: () => {
        this.#cutShort += 1;
      },
    };
  }

  counters(): ProxyCounters {
    return {
      connections: this.#connections,
      chunks: this.#chunks,
      bytes: this.#bytes,
      delayedChunks: this.#delayed,
      cutShortChunks: this.#cutShort,
      delaySumMs: this.#sumMs,
      delayMinMs: this.#delayed === 0 ? 0 : this.#minMs,
      delayMaxMs: this.#maxMs,
    };
  }
}
