import type { Item } from '../../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../../flow/stage.ts';
import { answerBody, type BodyFraming } from './body-framing.ts';
import type { Exchange } from './exchange.ts';
import type { Exchanges } from './exchanges.ts';
import { type Head, ofAnswer, type StatusLine } from './head.ts';
import { MessageReader } from './message-reader.ts';
import { Passage } from './passage.ts';

/** What becomes of the answer that is being read. `skip`: the server answers what it was not asked. */
type Fate =
  | { do: 'pass'; exchange: Exchange | undefined }
  | { do: 'skip' }
  | { do: 'cut'; exchange: Exchange; afterBytes: number | undefined };

/** Reads what the server answers, marks where each answer begins, and cuts the answers that are to be cut, or the connection
 * behind them. */
export class AnswerGate implements Stage {
  next: Receiver = unplaced;
  readonly #exchanges: Exchanges;
  readonly #reader = new MessageReader(ofAnswer, (head) => answerBody(head, this.#exchanges.unanswered[0]?.request));
  /** The beginning of a head that is not whole yet. */
  #head: Buffer | undefined;
  #fate: Fate = { do: 'skip' };
  /** The beginning of the present head has gone to the client, as the answer to this, or to nothing that was asked. */
  #begun: { exchange: Exchange | undefined } | undefined;

  constructor(exchanges: Exchanges) {
    this.#exchanges = exchanges;
  }

  get heldBytes(): number {
    return this.#head?.length ?? 0;
  }

  take(item: Item): void {
    if (item.kind === 'reset' || item.kind === 'close') {
      this.drop();
      this.next.take(item);
    } else if (this.#exchanges.isClosed) {
      return;
    } else if (item.kind === 'end') {
      this.release();
      if (this.#reader.endsWithConnection) this.#overWithConnection();
      if (!this.#exchanges.isClosed) this.#exchanges.serverEnds();
    } else if (this.#exchanges.isClear) {
      this.#read(item.bytes);
    } else {
      this.next.take(item);
    }
  }

  release(): void {
    const head = this.#head;
    this.#head = undefined;
    if (head) this.next.take({ kind: 'bytes', bytes: head });
  }

  drop(): void {
    this.#head = undefined;
  }

  #read(taken: Buffer): void {
    const head = this.#head;
    this.#head = undefined;
    const bytes = head ? Buffer.concat([head, taken]) : taken;
    const passage = new Passage(bytes, (item) => this.next.take(item));
    /** Where the piece begins that is being read. */
    let begin = 0;
    for (let at = head?.length ?? 0; at < bytes.length; begin = at) {
      if (this.#exchanges.isClosed) break;
      if (!this.#exchanges.isClear) {
        passage.pass(at, bytes.length);
        break;
      }
      const piece = this.#reader.next(bytes, at);
      if (piece.kind === 'malformed') {
        passage.flush();
        this.#lose(bytes.subarray(begin));
        return;
      }
      at = piece.to;
      if (piece.kind === 'head-part') this.#takeHeadPart(bytes, begin, passage);
      else if (piece.kind === 'head') this.#takeHead(piece.head, piece.framing, begin, at, passage);
      else this.#takeBody(begin, at, piece.isLast, passage);
    }
    passage.flush();
  }

  /** Nothing waits that goes on as it is: its client may watch for silence. */
  #takeHeadPart(bytes: Buffer, begin: number, passage: Passage): void {
    const exchange = this.#exchanges.unanswered[0];
    const { start } = this.#reader;
    const isAsItIs = exchange && start && !exchange.failure && exchange.answerChanges.length === 0;
    if (!this.#begun && (isAsItIs || !this.#exchanges.isWatched)) {
      this.#begun = { exchange };
      if (exchange && start && isFinal(start)) passage.mark(begin, exchange);
    }
    if (this.#begun) passage.pass(begin, bytes.length);
    else this.#head = bytes.subarray(begin);
  }

  #takeHead({ start }: Head<StatusLine>, framing: BodyFraming, begin: number, to: number, passage: Passage): void {
    const begun = this.#begun;
    this.#begun = undefined;
    const exchange = begun ? begun.exchange : this.#exchanges.unanswered[0];
    this.#fate = begun ? { do: 'pass', exchange } : fateOf(exchange, framing);
    const hasBody = framing.kind !== 'none' && framing.kind !== 'tunnel';
    if (begun) passage.pass(begin, to);
    else if (this.#fate.do === 'pass' || (this.#fate.do === 'cut' && (hasBody || !isFinal(start)))) {
      const changes = this.#fate.do === 'pass' && isFinal(start) ? exchange?.answerChanges : undefined;
      if (exchange && changes && changes.length > 0) passage.replace(begin, to, exchange, changes);
      else {
        if (exchange && isFinal(start)) passage.mark(begin, exchange);
        passage.pass(begin, to);
      }
    }
    if (!isFinal(start)) {
      if (exchange) exchange.awaitsContinue = false;
      return;
    }
    if (this.#fate.do === 'cut' && !hasBody) this.#cut(passage, 'end');
    else if (framing.kind === 'tunnel') this.#exchanges.openTunnel();
    else if (framing.kind === 'none') this.#over(passage);
  }

  #takeBody(begin: number, to: number, isLast: boolean, passage: Passage): void {
    const fate = this.#fate;
    const bodyOf = fate.do !== 'skip' && fate.exchange?.isFollowed ? fate.exchange : undefined;
    if (fate.do === 'cut') {
      fate.afterBytes ??= Math.floor((to - begin) / 2);
      const step = Math.min(fate.afterBytes, to - begin);
      fate.afterBytes -= step;
      passage.pass(begin, begin + step, bodyOf);
      // An answer that ends with the connection would seem whole.
      if (fate.afterBytes === 0) this.#cut(passage, this.#reader.endsWithConnection ? 'reset' : 'end');
      return;
    }
    if (fate.do === 'pass') passage.pass(begin, to, bodyOf);
    if (isLast) this.#over(passage);
  }

  #over(passage: Passage): void {
    passage.flush();
    const exchange = this.#fate.do === 'pass' ? this.#fate.exchange : undefined;
    if (exchange?.failure) this.#exchanges.cut(exchange, 'end');
    else if (exchange) this.#exchanges.answered();
  }

  /** It was the last answer there can be. Only a reset tells that more than the answer is over. */
  #overWithConnection(): void {
    const [exchange] = this.#exchanges.unanswered.splice(0);
    if (exchange?.failure?.kind === 'cut') this.#exchanges.cut(exchange, 'reset');
  }

  #cut(passage: Passage, ending: 'end' | 'reset'): void {
    passage.flush();
    if (this.#fate.do === 'cut') this.#exchanges.cut(this.#fate.exchange, ending);
  }

  #lose(rest: Buffer): void {
    this.#exchanges.lose();
    if (!this.#exchanges.isClosed) this.next.take({ kind: 'bytes', bytes: rest });
  }
}

const isFinal = ({ status }: StatusLine): boolean => status >= 200 || status === 101;

function fateOf(exchange: Exchange | undefined, framing: BodyFraming): Fate {
  if (exchange?.isWithheld) return { do: 'skip' };
  if (exchange?.failure?.kind !== 'cut' || exchange.failure.where === 'end') return { do: 'pass', exchange };
  return { do: 'cut', exchange, afterBytes: framing.kind === 'length' ? Math.floor(framing.bytes / 2) : undefined };
}
