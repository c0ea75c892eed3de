import type { Item } from '../../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../../flow/stage.ts';
import type { Conversation, Moment } from '../conversation.ts';
import type { ErrorGate } from './error-gate.ts';
import type { Failure, Failures, StatementWatcher } from './failures.ts';

/**
 * Lets a conversation hear what goes to the server, at the last moment before it goes. With a watcher there, a statement
 * waits until enough of it has come to decide whether it fails, and then something else goes in its place.
 */
export class StatementGate implements Stage {
  next: Receiver = unplaced;
  readonly #conversation: Conversation;
  readonly #moment: () => Moment;
  readonly #failures: Failures;
  readonly #errors: ErrorGate;
  readonly #watchers = new Set<StatementWatcher>();
  readonly #blind = new Set<StatementWatcher>();
  /** The beginning of a message of which there is too little to tell what it is. */
  #held: Buffer | undefined;
  #hasBegun = false;
  /** How much of a message that was replaced is still to come. */
  #unwanted = 0;

  constructor(conversation: Conversation, moment: () => Moment, failures: Failures, errors: ErrorGate) {
    this.#conversation = conversation;
    this.#moment = moment;
    this.#failures = failures;
    this.#errors = errors;
  }

  get heldBytes(): number {
    return this.#held?.length ?? 0;
  }

  /** @returns ends the watching; what was decided stays so */
  watch(watcher: StatementWatcher): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.release();
    };
  }

  /** Neither side has said anything yet: the session is still to open. */
  get isFresh(): boolean {
    return !this.#hasBegun && this.#errors.isFresh;
  }

  /** The session, if it is still to open, is refused. @returns relents, if it is not too late */
  refuseSession(refusal: Failure): () => void {
    this.#errors.refuseSession(refusal);
    return () => this.#errors.relent();
  }

  take(item: Item): void {
    if (item.kind === 'bytes') {
      if (this.#errors.isClosed) return;
      this.#hasBegun = true;
      const { dialect } = this.#conversation;
      if (this.#errors.refuses && dialect.opensSession?.(item.bytes)) this.#errors.refuse();
      else if (this.#watchers.size > 0 || this.#unwanted > 0 || dialect.hasToAmend)
        this.#read(this.#behindHeld(item.bytes));
      else this.#pass(item.bytes);
      this.#tellBlindness();
    } else {
      if (item.kind === 'end') this.release();
      this.#held = undefined;
      this.next.take(item);
    }
  }

  release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#pass(held);
  }

  drop(): void {
    this.#held = undefined;
  }

  #read(bytes: Buffer): void {
    /** Where what was heard and not sent yet begins. */
    let from = 0;
    const send = (to: number) => {
      if (to > from) this.next.take({ kind: 'bytes', bytes: bytes.subarray(from, to) });
    };
    let at = 0;
    while (at < bytes.length) {
      const rest = bytes.subarray(at);
      const step = this.#unwanted > 0 ? { skip: Math.min(this.#unwanted, rest.length) } : this.#step(rest);
      if (step === 'hold') break;
      if ('pass' in step) {
        this.#hear(rest.subarray(0, step.pass));
        at += step.pass;
        continue;
      }
      send(at);
      if (step.instead) this.#pass(step.instead);
      else this.#unwanted -= step.skip;
      at += step.skip;
      from = at;
    }
    send(at);
    this.#held = at < bytes.length ? bytes.subarray(at) : undefined;
  }

  /** What becomes of the next bytes: so many go on, or are left out, or it cannot be told yet. */
  #step(rest: Buffer): 'hold' | { pass: number } | { skip: number; instead?: Buffer } {
    if (this.#conversation.sight !== 'clear') return { pass: rest.length };
    const left = this.#conversation.bytesLeftOf('client');
    if (left > 0) return { pass: Math.min(left, rest.length) };
    const request = this.#conversation.dialect.request(rest);
    if (request === 'part') return 'hold';
    if (request === 'unknown') return { pass: 1 };
    const { length, statement } = request;
    const failure = statement && this.#failureOf(statement.text);
    if (statement && failure) {
      this.#unwanted = Math.max(0, length - rest.length);
      return { skip: Math.min(length, rest.length), instead: statement.failing(this.#failures.add(failure)) };
    }
    const amended = statement?.amended?.();
    if (amended) return { skip: amended.replaces, instead: amended.bytes };
    return { pass: Math.min(length, rest.length) };
  }

  /** Every fault sees every statement; who comes first decides. */
  #failureOf(text: string | undefined): Failure | undefined {
    let failure: Failure | undefined;
    for (const watcher of this.#watchers) failure ??= watcher.asked(text);
    return failure;
  }

  #pass(bytes: Buffer): void {
    this.#hear(bytes);
    this.next.take({ kind: 'bytes', bytes });
  }

  #hear(bytes: Buffer): void {
    this.#conversation.toServer(bytes, this.#moment());
  }

  #behindHeld(bytes: Buffer): Buffer {
    const held = this.#held;
    this.#held = undefined;
    return held ? Buffer.concat([held, bytes]) : bytes;
  }

  #tellBlindness(): void {
    const { sight } = this.#conversation;
    if (sight === 'clear') return;
    for (const watcher of this.#watchers) {
      if (this.#blind.has(watcher)) continue;
      this.#blind.add(watcher);
      watcher.lost(sight);
    }
  }
}
