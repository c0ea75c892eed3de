import type { Item } from '../../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../../flow/stage.ts';
import type { Conversation } from '../conversation.ts';
import type { Failure, Failures } from './failures.ts';

/** Stands next to the server, and words its errors anew where they answer a statement of ours. */
export class ErrorGate implements Stage {
  next: Receiver = unplaced;
  /** The session was refused: what still comes is for nobody. */
  isClosed = false;
  readonly #conversation: Conversation;
  readonly #failures: Failures;
  #refusal: Failure | undefined;
  #hasBegun = false;
  /** The beginning of an answer of which there is too little to tell what it is. */
  #held: Buffer | undefined;
  /** How much of an answer that passes is still to come. */
  #left = 0;
  /** Where answers begin and end is followed here: only while an error of ours is to come. */
  #isFollowing = false;

  constructor(conversation: Conversation, failures: Failures) {
    this.#conversation = conversation;
    this.#failures = failures;
  }

  get heldBytes(): number {
    return this.#held?.length ?? 0;
  }

  get isFresh(): boolean {
    return !this.#hasBegun;
  }

  get refuses(): boolean {
    return this.#refusal !== undefined;
  }

  /** The session that is about to open will be refused as soon as a server would refuse it. */
  refuseSession(refusal: Failure): void {
    this.#refusal ??= refusal;
  }

  /** It is refused no more, unless it was. */
  relent(): void {
    this.#refusal = undefined;
  }

  refuse(): void {
    const refusal = this.#refusal!;
    this.isClosed = true;
    this.next.take({ kind: 'bytes', bytes: this.#conversation.dialect.refusal(refusal.error) });
    refusal.settled();
    this.next.take({ kind: 'end' });
  }

  take(item: Item): void {
    if (item.kind === 'reset' || item.kind === 'close') {
      this.#held = undefined;
      this.next.take(item);
    } else if (this.isClosed) {
      return;
    } else if (item.kind === 'end') {
      this.release();
      this.next.take(item);
    } else if (this.#refusal && !this.#hasBegun && !this.#conversation.dialect.opensSession) {
      this.refuse();
    } else {
      this.#hasBegun = true;
      this.#read(item);
    }
  }

  release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held) this.next.take({ kind: 'bytes', bytes: held });
  }

  drop(): void {
    this.#held = undefined;
  }

  #read(item: Extract<Item, { kind: 'bytes' }>): void {
    if (!this.#isFollowing && !this.#failures.areAwaited) {
      this.next.take(item);
      return;
    }
    const bytes = this.#held ? Buffer.concat([this.#held, item.bytes]) : item.bytes;
    this.#held = undefined;
    let from = 0;
    const send = (to: number) => {
      if (to > from) this.next.take({ kind: 'bytes', bytes: bytes.subarray(from, to) });
      from = to;
    };
    let at = 0;
    while (at < bytes.length) {
      if (!this.#isFollowing) {
        send(at);
        this.#left = this.#conversation.bytesLeftOf('server');
        this.#isFollowing = this.#left === 0;
      }
      if (this.#left > 0) {
        const step = Math.min(this.#left, bytes.length - at);
        this.#left -= step;
        at += step;
      } else if (!this.#failures.areAwaited) {
        this.#isFollowing = false;
        at = bytes.length;
      } else {
        const rest = bytes.subarray(at);
        const answer = this.#conversation.dialect.answer(rest);
        if (answer === 'part') break;
        const isWhole = answer.length <= rest.length;
        if (answer.isError && answer.length <= longestError) {
          if (!isWhole) break;
          const failure = this.#failures.take(rest.subarray(0, answer.length));
          if (failure) {
            send(at);
            this.#word(rest.subarray(0, answer.length), failure);
            from = at + answer.length;
          }
          at += answer.length;
        } else {
          this.#left = answer.length;
        }
      }
    }
    send(at);
    if (at < bytes.length) this.#held = bytes.subarray(at);
  }

  #word(original: Buffer, failure: Failure): void {
    this.next.take({ kind: 'bytes', bytes: this.#conversation.dialect.error(original, failure.error) });
    failure.settled();
  }
}

/** Longer ones are none of ours. */
const longestError = 65_536;
