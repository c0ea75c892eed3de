import type { Outcome } from '../flow/holding-line.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import type { JoinedFlow } from './fault.ts';

interface Waiting {
  datagram: Buffer;
  dueMs: number;
  leave: (releasedMs: number, outcome: Outcome) => void;
  cancel: () => void;
}

/** A datagram that waits holds so much beside its bytes, about. */
const besideBytes = 1024;
const weightOf = (datagram: Buffer): number => datagram.length + besideBytes;

/** Where datagrams wait, each for its own time: who is due earlier overtakes. */
export class WaitingRoom {
  readonly #deadlines: Deadlines;
  readonly #flow: JoinedFlow;
  readonly #waiting = new Set<Waiting>();
  #bytes = 0;

  constructor(deadlines: Deadlines, flow: JoinedFlow) {
    this.#deadlines = deadlines;
    this.#flow = flow;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  hasRoomFor(datagram: Buffer): boolean {
    return this.#flow.mayHold(this.#bytes + weightOf(datagram));
  }

  /** @param leave called when it is `dueMs`, or at once when that is over @returns false when there is no room: it is lost */
  hold(datagram: Buffer, dueMs: number, leave: (releasedMs: number, outcome: Outcome) => void): boolean {
    const now = nowMs();
    if (dueMs <= now) {
      leave(now, 'on-time');
      return true;
    }
    if (!this.hasRoomFor(datagram)) return false;
    const waiting: Waiting = { datagram, dueMs, leave, cancel: () => {} };
    this.#waiting.add(waiting);
    this.#count(weightOf(datagram));
    waiting.cancel = this.#deadlines.at(dueMs, () => this.#flow.guard(() => this.#go(waiting, 'on-time')));
    return true;
  }

  /** All that wait go now, those first that would have. */
  release(): void {
    for (const waiting of [...this.#waiting].sort((one, other) => one.dueMs - other.dueMs))
      this.#go(waiting, 'cut-short');
  }

  drop(): void {
    for (const { cancel } of this.#waiting) cancel();
    this.#waiting.clear();
    this.#count(-this.#bytes);
  }

  #go(waiting: Waiting, outcome: Outcome): void {
    waiting.cancel();
    this.#waiting.delete(waiting);
    this.#count(-weightOf(waiting.datagram));
    waiting.leave(nowMs(), outcome);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#flow.held(bytes);
  }
}
