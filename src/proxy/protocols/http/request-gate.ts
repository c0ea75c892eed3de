import type { Item } from '../../flow/item.ts';
import { Row } from '../../flow/row.ts';
import { type Receiver, type Stage, unplaced } from '../../flow/stage.ts';
import { requestBody } from './body-framing.ts';
import { Exchange, type Watcher } from './exchange.ts';
import type { Exchanges } from './exchanges.ts';
import { ofRequest, type RequestLine } from './head.ts';
import { changedHead } from './head-change.ts';
import { MessageReader } from './message-reader.ts';
import { Passage } from './passage.ts';

/**
 * Reads what the client asks. A head that a watcher may alter waits until it is whole, so that the server sees nothing of a
 * request that fails; all others, and bodies, pass as they come.
 */
export class RequestGate implements Stage {
  next: Receiver = unplaced;
  readonly #exchanges: Exchanges;
  readonly #reader = new MessageReader(ofRequest, requestBody);
  /** The beginning of a head that is not whole yet. */
  #head: Buffer | undefined;
  /** Requests that may not go on yet, and what stands behind them. */
  readonly #waiting = new Row();
  /** The present head waits until it is whole. */
  #isKept = false;
  /** What follows a request to upgrade is no request: it need not wait for the answer. */
  #isRaw = false;
  /** Who watched when the beginning of the present head went to the server: nobody else is asked. Absent: it has not gone. */
  #witnesses: ReadonlySet<Watcher> | undefined;
  /** The request whose body is being read. */
  #current: Exchange | undefined;
  /** It ends the connection: nothing behind it is asked. */
  #isLast = false;

  constructor(exchanges: Exchanges) {
    this.#exchanges = exchanges;
  }

  get heldBytes(): number {
    return this.#waiting.heldBytes + (this.#head?.length ?? 0);
  }

  take(item: Item): void {
    if (item.kind === 'reset' || item.kind === 'close') {
      this.drop();
      this.next.take(item);
    } else if (this.#exchanges.isClosed) {
      return;
    } else if (this.#isRaw) {
      this.next.take(item);
    } else if (this.#waiting.first) {
      this.#waiting.push(item);
      // Its client says no more, and may be gone: the server must learn that, and may wait for it.
      if (item.kind === 'end' && !this.#exchanges.isClogged()) this.release();
    } else if (item.kind === 'end') {
      this.#passHead();
      this.next.take(item);
    } else if (this.#exchanges.isClear) {
      this.#read(item.bytes);
    } else {
      this.next.take(item);
    }
  }

  /** Reads what waited, as far as it need wait no longer. */
  goOn(): void {
    if (this.#isRaw && !this.#isTunnelDue) {
      this.#isRaw = false;
      this.#exchanges.lose(); // the server did not agree, and hears no requests
    }
    if (!this.#waiting.first || this.#mustWait()) return;
    for (const item of this.#waiting.takeAll()) this.take(item);
  }

  /** A watcher has left: what waited for it need wait no longer. */
  reconsider(): void {
    if (this.#head && !this.#exchanges.mayAlter(this.#reader.start)) {
      this.#witnesses = this.#exchanges.witnesses();
      this.#passHead();
    }
    this.goOn();
  }

  /** Unread. */
  release(): void {
    this.#passHead();
    for (const item of this.#waiting.takeAll()) this.next.take(item);
  }

  drop(): void {
    this.#head = undefined;
    this.#waiting.takeAll();
  }

  /**
   * A new request that may be hit waits for the answer that tells whether it is one, and for a client that takes no
   * answers. With no watcher there nothing waits: a server may want what follows before it answers.
   */
  #mustWait(): boolean {
    const { isWatched, haveAnswersEnded, isClogged } = this.#exchanges;
    return isWatched && !haveAnswersEnded && (this.#isTunnelDue || isClogged());
  }

  /** Whether what comes next may be no HTTP, if the server agrees. */
  get #isTunnelDue(): boolean {
    const last = this.#exchanges.unanswered.at(-1);
    return last?.mayLeadToTunnel === true && !last.isWithheld;
  }

  #read(taken: Buffer): void {
    const { bytes, from } = this.#behindHead(taken);
    const passage = new Passage(bytes, (item) => this.next.take(item));
    /** Where the piece begins that is being read. */
    let begin = 0;
    for (let at = from; at < bytes.length; begin = at) {
      if (this.#isLast || this.#exchanges.isClosed) break;
      if (this.#reader.isBetween && this.#mustWait()) {
        this.#isRaw = this.#isTunnelDue && !mayBeginRequest(bytes.subarray(at));
        if (this.#isRaw) passage.pass(at, bytes.length);
        else this.#waiting.push({ kind: 'bytes', bytes: bytes.subarray(at) });
        break;
      }
      const piece = this.#reader.next(bytes, at);
      if (piece.kind === 'malformed') {
        passage.flush();
        this.#lose(bytes.subarray(begin));
        return;
      }
      at = piece.to;
      if (piece.kind === 'head-part') {
        this.#decide(this.#reader.start);
        if (this.#witnesses) passage.pass(begin, at);
        else this.#head = bytes.subarray(begin);
        break;
      }
      if (piece.kind === 'head') this.#ask(new Exchange(piece.head));
      const exchange = this.#current!;
      if (piece.kind === 'head' && !exchange.isWithheld && exchange.requestChanges.length > 0) {
        passage.flush();
        this.next.take({ kind: 'bytes', bytes: changedHead(bytes.subarray(begin, at), exchange.requestChanges) });
      } else if (!exchange.isWithheld) passage.pass(begin, at);
      const isOver = piece.kind === 'head' ? this.#reader.isBetween : piece.isLast;
      if (isOver) this.#end(exchange);
      if (exchange.isWithheld && (isOver || piece.kind === 'head')) {
        passage.flush();
        this.#exchanges.goOn();
      }
    }
    passage.flush();
  }

  #ask(exchange: Exchange): void {
    if (this.#isTunnelDue) exchange.mayLeadToTunnel = true; // it was read on trial
    this.#current = exchange;
    this.#exchanges.ask(exchange, this.#witnesses);
    this.#witnesses = undefined;
    this.#isKept = false;
  }

  /** Once for a head, as soon as its first line is known: how that fits may take long to see. */
  #decide(start: RequestLine | undefined): void {
    if (this.#witnesses || this.#isKept) return;
    if (!this.#exchanges.mayAlter(start)) this.#witnesses = this.#exchanges.witnesses();
    else if (start) this.#isKept = true;
  }

  #end(exchange: Exchange): void {
    exchange.isWhole = true;
    const { failure, keepsConnection } = exchange;
    // Whatever is asked behind it, the connection will be over.
    this.#isLast = failure !== undefined && (failure.kind !== 'answer' || !keepsConnection);
  }

  #lose(rest: Buffer): void {
    this.#exchanges.lose();
    if (!this.#exchanges.isClosed) this.next.take({ kind: 'bytes', bytes: rest });
  }

  /** @returns the bytes with the beginning of their head before them, and how long that is */
  #behindHead(bytes: Buffer): { bytes: Buffer; from: number } {
    const head = this.#head;
    if (!head) return { bytes, from: 0 };
    this.#head = undefined;
    return { bytes: Buffer.concat([head, bytes]), from: head.length };
  }

  #passHead(): void {
    const head = this.#head;
    if (!head) return;
    this.#head = undefined;
    this.next.take({ kind: 'bytes', bytes: head });
  }
}

/** Empty lines before it are overlooked. */
const mayBeginRequest = (bytes: Buffer): boolean =>
  ofRequest.mayBegin(bytes.toString('latin1', 0, 100).replace(/^[\r\n]+/, ''));
