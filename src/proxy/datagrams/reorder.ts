import { chance } from '../../model/chance.ts';
import { numberWithin, oneOf, textOf } from '../faults/settings.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import { type DatagramFaultKind, type DatagramStage, type JoinedFlow, unplaced, type Way, ways } from './fault.ts';
import { WaitingRoom } from './waiting-room.ts';

/** All wait for `latencyMs` but for the share `rate`, which goes at once and so overtakes those that wait. */
export const reorder: DatagramFaultKind = {
  kind: 'reorder',
  begin(settings, { deadlines }) {
    const rate = numberWithin(settings, 'rate', 0, 1);
    const latencyMs = numberWithin(settings, 'latencyMs', 0, Number.MAX_VALUE);
    const direction = oneOf(settings, 'direction', [...ways, 'both']);
    const seed = textOf(settings, 'seed');
    const tally = { datagrams: 0, bytes: 0, hit: 0, dropped: 0 };
    return {
      join(flow) {
        const stage = (way: Way): DatagramStage | undefined => {
          if (direction !== 'both' && direction !== way) return undefined;
          const draw = chance(`${seed}/${flow.number}/${way}`);
          return new Shuffle(deadlines, flow, { latencyMs, overtakes: () => draw() < rate, tally });
        };
        return { upstream: stage('upstream'), downstream: stage('downstream') };
      },
      counters: () => ({ ...tally }),
    };
  },
};

interface About {
  latencyMs: number;
  overtakes(): boolean;
  /** `hit` are those that did overtake another; for those that were `dropped` there was no room to wait in. */
  tally: { datagrams: number; bytes: number; hit: number; dropped: number };
}

class Shuffle implements DatagramStage {
  next: (datagram: Buffer) => void = unplaced;
  readonly #room: WaitingRoom;
  readonly #about: About;

  constructor(deadlines: Deadlines, flow: JoinedFlow, about: About) {
    this.#room = new WaitingRoom(deadlines, flow);
    this.#about = about;
  }

  take(datagram: Buffer): void {
    const { latencyMs, overtakes, tally } = this.#about;
    tally.datagrams += 1;
    tally.bytes += datagram.length;
    if (overtakes()) {
      if (!this.#room.isEmpty) tally.hit += 1;
      this.next(datagram);
    } else if (!this.#room.hold(datagram, nowMs() + latencyMs, () => this.next(datagram))) tally.dropped += 1;
  }

  release(): void {
    this.#room.release();
  }

  drop(): void {
    this.#room.drop();
  }
}
