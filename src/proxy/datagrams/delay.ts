import { type ConnectionDelays, DelayTally, delaysFrom } from '../faults/delays.ts';
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
        const ofConnection = tally.ofConnection();
        const stage = (way: Way): DatagramStage | undefined => {
          const nextMs = delaysOf(flow.number, way);
          return nextMs && new Late(deadlines, flow, nextMs, ofConnection);
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
  readonly #tally: ConnectionDelays;

  constructor(deadlines: Deadlines, flow: JoinedFlow, nextDelayMs: () => number, tally: ConnectionDelays) {
    this.#room = new WaitingRoom(deadlines, flow);
    this.#nextDelayMs = nextDelayMs;
    this.#tally = tally;
  }

  take(datagram: Buffer): void {
    const tookMs = nowMs();
    this.#tally.took(datagram.length);
    const isHeld = this.#room.hold(datagram, tookMs + this.#nextDelayMs(), (releasedMs, outcome) => {
      if (outcome === 'on-time') this.#tally.delayed(releasedMs - tookMs);
      else this.#tally.cutShort();
      this.next(datagram);
    });
    if (!isHeld) this.#tally.dropped();
  }

  release(): void {
    this.#room.release();
  }

  drop(): void {
    this.#room.drop();
  }
}
