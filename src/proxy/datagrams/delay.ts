import { DelayTally, delaysFrom, type Passage } from '../faults/delays.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import { type DatagramFaultKind, type DatagramStage, type JoinedFlow, unplaced, type Way } from './fault.ts';
import { WaitingRoom } from './waiting-room.ts';

/** Each datagram arrives later, by a delay of its own: with a jitter they overtake each other. */
export const delay: DatagramFaultKind = {
  kind: 'delay',
  begin(settings, { deadlines }) {
    const { delaysOf } = delaysFrom(settings);
    const tally = new DelayTally();
    return {
      join(flow) {
        const passage = tally.passage();
        const stage = (way: Way): DatagramStage | undefined => {
          const nextMs = delaysOf(flow.number, way);
          return nextMs && new Late(deadlines, flow, nextMs, passage);
        };
        return { upstream: stage('upstream'), downstream: stage('downstream') };
      },
      counters: () => tally.counters(),
    };
  },
};

class Late implements DatagramStage {
  next: (datagram: Buffer) => void = unplaced;
  readonly #room: WaitingRoom;
  readonly #nextDelayMs: () => number;
  readonly #passage: Passage;

  constructor(deadlines: Deadlines, flow: JoinedFlow, nextDelayMs: () => number, passage: Passage) {
    this.#room = new WaitingRoom(deadlines, flow);
    this.#nextDelayMs = nextDelayMs;
    this.#passage = passage;
  }

  take(datagram: Buffer): void {
    const tookMs = nowMs();
    this.#passage.took(datagram.length);
    const isHeld = this.#room.hold(datagram, tookMs + this.#nextDelayMs(), (releasedMs, outcome) => {
      if (outcome === 'on-time') this.#passage.delayed(releasedMs - tookMs);
      else this.#passage.cutShort();
      this.next(datagram);
    });
    if (!isHeld) this.#passage.dropped();
  }

  release(): void {
    this.#room.release();
  }

  drop(): void {
    this.#room.drop();
  }
}
