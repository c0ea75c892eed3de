import { chance } from '../../model/chance.ts';
import type { Item } from '../flow/item.ts';
import { Row } from '../flow/row.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import { CongestionWindow } from './congestion-window.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { fly, segmentBytes } from './flight.ts';
import { numberWithin, oneOf, textOf } from './settings.ts';

/**
 * What packet loss does to a TCP stream, seen from where it arrives: it stalls, and it is slow. No more than a congestion
 * window passes in a round trip; the window grows while nothing is lost, and shrinks with each loss. What comes behind a
 * lost segment waits for it to be sent again. So in the long run about MSS / RTT × √(3/2) / √rate passes.
 * @see RFC 5681; Mathis, Semke, Mahdavi and Ott, 1997: "The macroscopic behavior of the TCP congestion avoidance algorithm"
 */
export const loss: FaultKind = {
  kind: 'loss',
  begin(settings, { deadlines }) {
    const rate = numberWithin(settings, 'rate', 0, 1);
    const roundTripMs = numberWithin(settings, 'roundTripMs', 0, Number.MAX_VALUE);
    const direction = oneOf(settings, 'direction', ['upstream', 'downstream', 'both']);
    const seed = textOf(settings, 'seed');
    const tally = { connections: 0, segments: 0, lost: 0, stalls: 0, stallSumMs: 0, stallMaxMs: 0 };
    return {
      join(connection) {
        tally.connections += 1;
        const stage = (way: 'upstream' | 'downstream') => {
          if (direction !== 'both' && direction !== way) return undefined;
          const draw = chance(`${seed}/${connection.number}/${way}`);
          return new Lossy(deadlines, connection, { rate, roundTripMs, draw, tally });
        };
        return { near: 'wire', upstream: stage('upstream'), downstream: stage('downstream') };
      },
      counters: () => ({ ...tally }),
    };
  },
};

interface About {
  rate: number;
  roundTripMs: number;
  draw(): number;
  tally: { segments: number; lost: number; stalls: number; stallSumMs: number; stallMaxMs: number };
}

class Lossy implements Stage {
  next: Receiver = unplaced;
  /** What a kernel takes from a sender before it has to wait. */
  readonly mostBytes = 1024 * 1024;
  readonly #row = new Row();
  readonly #window = new CongestionWindow();
  /** Until when no more than `left` segments may go. */
  #round = { endsMs: 0, left: 0 };
  /** The first `bytes` of the row wait for a segment that was lost. */
  #stall: { bytes: number; sinceMs: number } | undefined;
  #cancel: (() => void) | undefined;
  readonly #deadlines: Deadlines;
  readonly #connection: JoinedConnection;
  readonly #about: About;

  constructor(deadlines: Deadlines, connection: JoinedConnection, about: About) {
    this.#deadlines = deadlines;
    this.#connection = connection;
    this.#about = about;
  }

  get heldBytes(): number {
    return this.#row.heldBytes;
  }

  take(item: Item): void {
    this.#row.push(item);
    if (!this.#cancel) this.#goOn();
  }

  release(): void {
    this.#disarm();
    this.#endStall();
    for (const item of this.#row.takeAll()) this.next.take(item);
  }

  drop(): void {
    this.#disarm();
    this.#stall = undefined;
    this.#row.takeAll();
  }

  #goOn(): void {
    while (this.#row.first) {
      const isOver = nowMs() >= this.#round.endsMs;
      const isFull = this.#round.left === 0 && this.#row.first.kind === 'bytes';
      if (!isOver && (this.#stall || isFull)) {
        this.#arm();
        return;
      }
      if (this.#stall) this.#pass(this.#endStall());
      else if (this.#row.first.kind === 'bytes') this.#fly(isOver);
      else this.next.take(this.#row.take(0));
    }
  }

  /** Sends as much as may go now. */
  #fly(isNewRound: boolean): void {
    const { roundTripMs, tally } = this.#about;
    const window = this.#window.segments;
    const sentMs = nowMs();
    if (isNewRound) this.#round = { endsMs: sentMs + roundTripMs, left: window };
    const waiting = Math.ceil(this.#row.bytes / segmentBytes);
    const segments = Math.min(waiting, this.#round.left);
    const bytes = Math.min(this.#row.bytes, segments * segmentBytes);
    const { lost, arriving, stallMs, timedOut } = fly(segments, { ...this.#about, waiting, window });
    tally.segments += segments;
    tally.lost += lost;
    this.#round.left -= segments;
    if (lost > 0) {
      this.#stall = { bytes: bytes - arriving * segmentBytes, sinceMs: sentMs };
      this.#round.endsMs = sentMs + stallMs;
      if (timedOut) this.#window.collapse();
      else this.#window.halve();
    } else if (this.#round.left === 0) {
      this.#window.grow();
    }
    this.#pass(Math.min(bytes, arriving * segmentBytes));
  }

  #pass(bytes: number): void {
    for (const item of this.#row.takeBytes(bytes)) this.next.take(item);
  }

  /** @returns how many bytes need not wait any more */
  #endStall(): number {
    if (!this.#stall) return 0;
    const { bytes, sinceMs } = this.#stall;
    const { tally } = this.#about;
    const stallMs = nowMs() - sinceMs;
    tally.stalls += 1;
    tally.stallSumMs += stallMs;
    tally.stallMaxMs = Math.max(tally.stallMaxMs, stallMs);
    this.#stall = undefined;
    return bytes;
  }

  #arm(): void {
    this.#cancel = this.#deadlines.at(this.#round.endsMs, () => {
      this.#cancel = undefined;
      this.#connection.guard(() => this.#goOn());
    });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
