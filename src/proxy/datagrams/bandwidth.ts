import { numberWithin, oneOf } from '../faults/settings.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { type DatagramFaultKind, type DatagramStage, type JoinedFlow, unplaced, ways } from './fault.ts';
import { Pace } from './pace.ts';
import { WaitingRoom } from './waiting-room.ts';

/** What would have to wait for longer is dropped, as by the kernel's token bucket on a host. */
const longestWaitMs = 400;

/** No more than so many bytes a second pass in each direction, of each client or of all together, first come first served. */
export const bandwidth: DatagramFaultKind = {
  kind: 'bandwidth',
  begin(settings, { deadlines }) {
    const bytesPerMs = numberWithin(settings, 'bytesPerSecond', Number.MIN_VALUE, Number.MAX_VALUE) / 1000;
    const direction = oneOf(settings, 'direction', [...ways, 'both']);
    const tally = { connections: 0, bytes: 0, heldPieces: 0, busyBytes: 0, busyMs: 0, dropped: 0 };
    const isShared = oneOf(settings, 'per', ['link', 'connection']) === 'link';
    const lines = () => ({ upstream: new Pace(bytesPerMs, tally), downstream: new Pace(bytesPerMs, tally) });
    const shared = lines();
    const onDropped = () => {
      tally.dropped += 1;
    };
    return {
      join(flow) {
        tally.connections += 1;
        const paces = isShared ? shared : lines();
        const narrow = (pace: Pace): DatagramStage => new Narrow(deadlines, flow, pace, onDropped);
        return {
          upstream: direction === 'downstream' ? undefined : narrow(paces.upstream),
          downstream: direction === 'upstream' ? undefined : narrow(paces.downstream),
        };
      },
      counters: () => ({ ...tally }),
    };
  },
};

class Narrow implements DatagramStage {
  next: (datagram: Buffer) => void = unplaced;
  readonly #room: WaitingRoom;
  readonly #pace: Pace;
  readonly #onDropped: () => void;

  constructor(deadlines: Deadlines, flow: JoinedFlow, pace: Pace, onDropped: () => void) {
    this.#room = new WaitingRoom(deadlines, flow);
    this.#pace = pace;
    this.#onDropped = onDropped;
  }

  take(datagram: Buffer): void {
    if (this.#pace.waitMs > longestWaitMs || !this.#room.hasRoomFor(datagram)) {
      this.#onDropped();
      return;
    }
    const { dueMs, waits } = this.#pace.book(datagram.length);
    this.#room.hold(datagram, dueMs, (atMs, outcome) => {
      if (outcome === 'on-time') this.#pace.passed(datagram.length, atMs, waits);
      this.next(datagram);
    });
  }

  release(): void {
    this.#room.release();
  }

  drop(): void {
    this.#room.drop();
  }
}
