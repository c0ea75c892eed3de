import { chance } from '../../model/chance.ts';
import { HoldingLine } from '../flow/holding-line.ts';
import { type Item, sizeOf } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { numberWithin, oneOf, textOf } from './settings.ts';

/** What fits into a packet of an Ethernet, behind the headers of IPv4 and TCP with timestamps. */
export const segmentBytes = 1448;
/** So much is sent together at most, however much is read at once: a window that is not scaled. */
const flightBytes = 64 * 1024;
/** RFC 6298 asks for a second; Linux and others wait no less than this. */
const leastTimeoutMs = 200;
const mostTimeoutMs = 120_000;
/** So many segments behind a lost one tell its sender, by their acknowledgements, to send it again at once. */
const duplicatesForFastRetransmit = 3;

/**
 * What packet loss does to a TCP stream: it stalls. Each segment is lost by chance; what comes with it and behind it waits
 * for it to be sent again: a round trip when enough segments follow it, else the retransmission timeout, which doubles
 * each time the segment is lost again.
 * @see RFC 5681, section 3.2 (fast retransmit) and RFC 6298, section 5 (the timer)
 */
export const loss: FaultKind = {
  kind: 'loss',
  begin(settings, { deadlines }) {
    const rate = numberWithin(settings, 'rate', 0, 1);
    const roundTripMs = numberWithin(settings, 'roundTripMs', 0, 60_000);
    const direction = oneOf(settings, 'direction', ['upstream', 'downstream', 'both']);
    const seed = textOf(settings, 'seed');
    const tally = { connections: 0, segments: 0, lost: 0, stalls: 0, stallSumMs: 0, stallMaxMs: 0 };
    return {
      join(connection) {
        tally.connections += 1;
        const stage = (way: 'upstream' | 'downstream') => {
          if (direction !== 'both' && direction !== way) return undefined;
          const draw = chance(`${seed}/${connection.number}/${way}`);
          const stallMs = (bytes: number) => stallOf(bytes, { rate, roundTripMs, draw, tally });
          return new Lossy(deadlines, connection, stallMs, tally);
        };
        return { near: 'wire', upstream: stage('upstream'), downstream: stage('downstream') };
      },
      counters: () => ({ ...tally }),
    };
  },
};

interface Tally {
  segments: number;
  lost: number;
  stalls: number;
  stallSumMs: number;
  stallMaxMs: number;
}

/** @returns how long bytes that are sent together wait for the segments of theirs that are lost; 0 when none is */
export function stallOf(
  bytes: number,
  { rate, roundTripMs, draw, tally }: { rate: number; roundTripMs: number; draw: () => number; tally: Tally },
): number {
  const segments = Math.ceil(bytes / segmentBytes);
  tally.segments += segments;
  let longestMs = 0;
  for (let segment = 1; segment <= segments; segment += 1) {
    if (draw() >= rate) continue;
    tally.lost += 1;
    let timeoutMs = Math.max(leastTimeoutMs, 2 * roundTripMs);
    const isFast = segments - segment >= duplicatesForFastRetransmit;
    let stallMs = isFast ? roundTripMs : timeoutMs;
    if (!isFast) timeoutMs *= 2; // it has run out once
    while (draw() < rate && timeoutMs < mostTimeoutMs) {
      tally.lost += 1;
      stallMs += timeoutMs;
      timeoutMs *= 2;
    }
    longestMs = Math.max(longestMs, stallMs);
  }
  return longestMs;
}

class Lossy implements Stage {
  next: Receiver = unplaced;
  readonly #line: HoldingLine;
  readonly #stallMs: (bytes: number) => number;
  readonly #tally: Tally;

  constructor(deadlines: Deadlines, connection: JoinedConnection, stallMs: (bytes: number) => number, tally: Tally) {
    this.#line = new HoldingLine(deadlines, connection.guard, () => this.next);
    this.#stallMs = stallMs;
    this.#tally = tally;
  }

  get heldBytes(): number {
    return this.#line.heldBytes;
  }

  take(item: Item): void {
    if (item.kind !== 'bytes' || item.bytes.length <= flightBytes) this.#hold(item);
    else
      for (let from = 0; from < item.bytes.length; from += flightBytes)
        // What is known of places in these bytes is for stages nearer to the server, which have seen it.
        this.#hold({ kind: 'bytes', bytes: item.bytes.subarray(from, from + flightBytes) });
  }

  #hold(item: Item): void {
    const stallMs = item.kind === 'bytes' ? this.#stallMs(sizeOf(item)) : 0;
    const tookMs = nowMs();
    this.#line.hold(item, tookMs + stallMs, (atMs) => {
      if (stallMs === 0) return;
      this.#tally.stalls += 1;
      this.#tally.stallSumMs += atMs - tookMs;
      this.#tally.stallMaxMs = Math.max(this.#tally.stallMaxMs, atMs - tookMs);
    });
  }

  release(): void {
    this.#line.release();
  }

  drop(): void {
    this.#line.drop();
  }
}
