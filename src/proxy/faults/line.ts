import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import { segmentBytes } from './flight.ts';

/** What passes at once: so much time's worth, and not less than a packet. */
const pieceMs = 2;
/** So much time's worth waits before the sender has to, as in the kernel's token bucket on a host, and not less than this. */
const queueMs = 400;
const leastQueueBytes = 64 * 1024;

/** What passed, in all. */
export interface LineTally {
  bytes: number;
  heldPieces: number;
  /** What passed while something waited, and how long that took: by it the rate that was really had is known. */
  busyBytes: number;
  busyMs: number;
}

/** Who has something that is to pass a line. */
export interface Sender {
  readonly dueBytes: number;
  /** So many of them have passed. */
  passed(bytes: number): void;
}

/**
 * A line over which so much passes a second: a piece of each sender in turn, so that who has much keeps nobody waiting. A
 * piece has passed when all of it would have come out. Its time is on an absolute clock, so that lateness is made up for
 * and never adds up, and time in which nothing came is not saved for a burst.
 */
export class Line {
  /** Who has more than this had better send no more. */
  readonly queueBytes: number;
  readonly #deadlines: Deadlines;
  readonly #bytesPerMs: number;
  readonly #pieceBytes: number;
  readonly #tally: LineTally;
  /** Since when each waits for its turn; who is served again has always waited. */
  readonly #inTurn = new Map<Sender, number>();
  #onLine: { sender: Sender; bytes: number; hasWaited: boolean } | undefined;
  /** When what is on the line has passed. */
  #freeMs = 0;
  #lastMs = 0;
  #isServing = false;
  #cancel: (() => void) | undefined;

  constructor(deadlines: Deadlines, bytesPerMs: number, tally: LineTally) {
    this.queueBytes = Math.max(leastQueueBytes, bytesPerMs * queueMs);
    this.#deadlines = deadlines;
    this.#bytesPerMs = bytesPerMs;
    this.#pieceBytes = Math.max(segmentBytes, Math.round(bytesPerMs * pieceMs));
    this.#tally = tally;
  }

  /** It has something now; harmless when it had before. */
  enter(sender: Sender): void {
    if (this.#onLine?.sender === sender || this.#inTurn.has(sender)) return;
    const now = nowMs();
    this.#inTurn.set(sender, now);
    if (this.#onLine || this.#isServing) return;
    this.#lastMs = now; // idle until now
    this.#takeNext();
    this.#arm();
  }

  /** It has nothing any more, and nobody waits for what it had. */
  leave(sender: Sender): void {
    this.#inTurn.delete(sender);
    if (this.#onLine?.sender !== sender) return;
    this.#onLine = undefined;
    const now = nowMs();
    this.#freeMs = Math.min(this.#freeMs, now);
    this.#lastMs = now;
    if (this.#isServing) return;
    this.#takeNext();
    this.#arm();
  }

  #serve(): void {
    this.#isServing = true;
    try {
      while (this.#onLine && this.#freeMs <= nowMs()) {
        this.#pass(this.#onLine);
        this.#takeNext();
      }
    } finally {
      this.#isServing = false;
      this.#arm();
    }
  }

  #pass({ sender, bytes, hasWaited }: { sender: Sender; bytes: number; hasWaited: boolean }): void {
    const now = nowMs();
    this.#tally.bytes += bytes;
    if (hasWaited) this.#tally.heldPieces += 1;
    this.#tally.busyBytes += bytes;
    this.#tally.busyMs += now - this.#lastMs;
    this.#lastMs = now;
    this.#onLine = undefined;
    sender.passed(bytes);
    if (sender.dueBytes > 0) this.#inTurn.set(sender, 0);
  }

  #takeNext(): void {
    const [next] = this.#inTurn;
    if (!next) return;
    const [sender, sinceMs] = next;
    this.#inTurn.delete(sender);
    const bytes = Math.min(this.#pieceBytes, sender.dueBytes);
    this.#onLine = { sender, bytes, hasWaited: sinceMs < this.#freeMs };
    this.#freeMs = Math.max(this.#freeMs, sinceMs) + bytes / this.#bytesPerMs;
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = this.#onLine && this.#deadlines.at(this.#freeMs, () => this.#serve());
  }
}
