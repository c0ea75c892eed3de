import type { Socket } from 'node:net';
import { type Item, sizeOf } from '../flow/item.ts';
import type { Receiver, Stage } from '../flow/stage.ts';
import { nowMs } from '../time/now.ts';
import type { Budget } from './budget.ts';
import { SocketSink } from './socket-sink.ts';
import type { Traffic } from './traffic.ts';

/**
 * How far from the server a stage stands: the conversation hears the server itself, the wire is what the client feels.
 * The newest at the `receiver` is the last that the bytes pass, whichever way they go.
 */
export type Nearness = 'conversation' | 'server' | 'wire' | 'receiver';
const order: readonly Nearness[] = ['conversation', 'server', 'wire', 'receiver'];

/**
 * One direction of a connection:
 *
 *     source socket ──▶ stage ──▶ … ──▶ sink socket
 *
 * It stops reading when too much waits in it, so memory stays bounded and the sender feels a full pipe.
 */
export class Direction {
  readonly #source: Socket;
  readonly #sink: SocketSink;
  readonly #budget: Budget;
  readonly #traffic: Traffic;
  readonly #serverIs: 'source' | 'sink';
  /** From the server outwards. */
  #stages: { stage: Stage; near: Nearness }[] = [];
  #first: Receiver;
  #mostToRead = Number.POSITIVE_INFINITY;
  /** What waits in it, in stages and unsent. */
  #heldBytes = 0;
  #isOver = false;
  /** What the sink has not sent yet lies in the memory that the source is read into. */
  #isLent = false;
  /** Since when reading is stopped. */
  #pausedAtMs: number | undefined;
  #pausedMs = 0;

  constructor(
    source: Socket,
    sink: Socket,
    about: { serverIs: 'source' | 'sink'; budget: Budget; traffic: Traffic; onClose(): void },
  ) {
    this.#source = source;
    this.#serverIs = about.serverIs;
    this.#sink = new SocketSink(sink, about.traffic, { onChange: () => this.regulate(), onClose: about.onClose });
    this.#budget = about.budget;
    this.#traffic = about.traffic;
    this.#first = this.#sink;
  }

  take(item: Item): void {
    this.#traffic.receivedBytes += sizeOf(item);
    if (this.#isOver) return;
    this.#first.take(item);
    this.regulate();
  }

  /** Nothing stands between: what comes is written at once, or waits in the sink. */
  get isThrough(): boolean {
    return this.#stages.length === 0 && !this.#isOver;
  }

  /** Takes bytes whose memory is the source's to be read into again: it is not read until they are sent. */
  lend(bytes: Buffer): void {
    this.take({ kind: 'bytes', bytes });
    this.#isLent = this.#sink.unsentBytes > 0;
    if (!this.#isLent) return;
    this.#sink.tellWhenSent();
    this.regulate();
  }

  /** The most that one read had better bring: what comes in one piece waits in one piece. */
  get mostToRead(): number {
    return this.#mostToRead;
  }

  /** How long reading was stopped in all: in that time the sender could not go on. */
  pausedMs(): number {
    return this.#pausedMs + (this.#pausedAtMs === undefined ? 0 : nowMs() - this.#pausedAtMs);
  }

  /** Of equally near ones the newest stands outermost. */
  insert(stage: Stage, near: Nearness): void {
    const isBehind = near === 'receiver' && this.#serverIs === 'sink'; // the receiver is the server
    const from = order.indexOf(isBehind ? 'server' : near);
    const outer = this.#stages.findIndex((one) => order.indexOf(one.near) > from);
    this.#stages.splice(outer === -1 ? this.#stages.length : outer, 0, { stage, near });
    this.#link();
  }

  /** What the stage holds goes on at once, in order. */
  remove(stage: Stage): void {
    stage.release();
    this.#stages = this.#stages.filter((one) => one.stage !== stage);
    this.#link();
    this.regulate();
  }

  /** Nobody receives this any more: forgets what waits, and goes on reading so that the source's end is noticed. */
  abandon(): void {
    this.#isOver = true;
    for (const { stage } of this.#stages) stage.drop();
    this.regulate();
  }

  /** Stops reading, or goes on, as it must. Needed of others only when a stage let go of something by itself. */
  regulate(): void {
    let held = 0;
    let room = 0;
    let most = Number.POSITIVE_INFINITY;
    for (const { stage } of this.#stages) {
      held += stage.heldBytes;
      room += stage.roomBytes ?? 0;
      most = Math.min(most, stage.mostBytes ?? most);
    }
    this.#mostToRead = most;
    const unsent = this.#sink.unsentBytes;
    this.#budget.changed(held + unsent - this.#heldBytes);
    this.#heldBytes = held + unsent;
    if (unsent === 0) this.#isLent = false;
    const isTooMuch = () => held >= most + room || this.#budget.isExceeded(held, unsent, room);
    // What is lent must not be read over, even when nobody receives any more what comes next.
    if (this.#isLent || (!this.#isOver && isTooMuch())) this.#pause();
    else this.#resume();
  }

  #link(): void {
    const outwards = this.#stages.map(({ stage }) => stage);
    const stages = this.#serverIs === 'source' ? outwards : outwards.reverse();
    const receivers: Receiver[] = [...stages, this.#sink];
    this.#first = receivers[0]!;
    for (const [index, stage] of stages.entries()) stage.next = receivers[index + 1]!;
  }

  #pause(): void {
    if (this.#pausedAtMs !== undefined) return;
    this.#pausedAtMs = nowMs();
    this.#source.pause();
  }

  #resume(): void {
    if (this.#pausedAtMs === undefined) return;
    this.#pausedMs += nowMs() - this.#pausedAtMs;
    this.#pausedAtMs = undefined;
    this.#source.resume();
  }
}
