import { AnswerGate } from './answer-gate.ts';
import { cannedItems, continueBytes } from './canned-answer.ts';
import type { Exchange, Watcher } from './exchange.ts';
import type { RequestLine } from './head.ts';
import { RequestGate } from './request-gate.ts';

/**
 * The requests and answers of one connection, from its first byte on, whether or not there is a fault. The two gates
 * stand in the connection and follow what passes; a request that a watcher lets fail ends here:
 *
 *     client ──▶ request gate ──▶ server
 *                  │ fails
 *     client ◀── answer gate ◀── server
 *
 * Answers are given in the order of the requests: a failed one waits until those before it are answered.
 */
export class Exchanges {
  readonly requests: RequestGate;
  readonly answers: AnswerGate;
  /** Not answered yet, in the order in which they were asked. */
  readonly unanswered: Exchange[] = [];
  /** Whether the client does not take what it is sent. */
  readonly isClogged: () => boolean;
  readonly #watchers = new Set<Watcher>();
  readonly #onReleased: () => void;
  #sight: 'clear' | 'tunnel' | 'lost' = 'clear';
  #hasServerEnded = false;
  /** The client was told that no more answers come. */
  #haveAnswersEnded = false;
  #isClosed = false;

  /** @param connection.onReleased called when requests that waited went on without anything having come */
  constructor(connection: { isClogged(): boolean; onReleased(): void }) {
    this.isClogged = connection.isClogged;
    this.#onReleased = connection.onReleased;
    this.requests = new RequestGate(this);
    this.answers = new AnswerGate(this);
  }

  /** @returns ends the watching; what was decided stays so */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    if (this.#sight === 'lost') watcher.lost();
    return () => {
      this.#watchers.delete(watcher);
      this.requests.reconsider();
      this.#onReleased();
    };
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  /** After a tunnel has begun, or a message could not be read, bytes are only bytes. */
  get isClear(): boolean {
    return this.#sight === 'clear';
  }

  /** We ended the connection: what still comes is for nobody. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** No answer comes any more that could be waited for. */
  get haveAnswersEnded(): boolean {
    return this.#haveAnswersEnded;
  }

  /** Whether a head that is not whole yet must wait until it is. @param request `undefined`: not even that is known */
  mayAlter(request: RequestLine | undefined): boolean {
    return [...this.#watchers].some(({ mayAlter }) => mayAlter !== undefined && (!request || mayAlter(request)));
  }

  /** Who may still be asked about a request whose beginning goes to the server now. */
  witnesses(): ReadonlySet<Watcher> {
    return new Set(this.#watchers);
  }

  /** The head of a request has come. @param witnesses who may be asked; absent: every watcher */
  ask(exchange: Exchange, witnesses: ReadonlySet<Watcher> = this.#watchers): void {
    if (!this.#haveAnswersEnded)
      for (const watcher of this.#watchers) if (witnesses.has(watcher)) watcher.asked(exchange);
    this.unanswered.push(exchange);
  }

  /** The answer to the first that was unanswered is over. */
  answered(): void {
    this.unanswered.shift();
    this.goOn();
  }

  /** What comes after the head of an answer is no HTTP any more. */
  openTunnel(): void {
    this.#sight = 'tunnel';
    this.requests.release();
    this.#onReleased();
  }

  lose(): void {
    this.#sight = 'lost';
    for (const watcher of this.#watchers) watcher.lost();
    this.requests.release();
    this.answers.release();
    // Nobody can tell any more where the answers end before which ours would have to come.
    if (this.unanswered.some(({ isWithheld }) => isWithheld)) this.#close('end', 'reset');
  }

  /** The server is done. Its end goes on to the client once the failed requests that are due are answered. */
  serverEnds(): void {
    this.#hasServerEnded = true;
    this.goOn();
  }

  /** An answer was cut: what the server still says is for nobody. */
  cut(exchange: Exchange, ending: 'end' | 'reset'): void {
    exchange.failure?.settled();
    this.#close(ending, 'reset');
  }

  /** Lets fail what is due to, and lets requests pass that waited. */
  goOn(): void {
    if (!this.#isClosed && !this.#haveAnswersEnded) this.#failWhatIsDue();
    if (!this.#isClosed && !this.#haveAnswersEnded && this.#hasServerEnded && !this.unanswered[0]?.isWithheld) {
      this.#haveAnswersEnded = true;
      this.answers.next.take({ kind: 'end' });
    }
    this.requests.goOn();
    this.#onReleased();
  }

  #failWhatIsDue(): void {
    for (;;) {
      const exchange = this.unanswered[0];
      if (this.#isClosed || !exchange?.failure || exchange.failure.kind === 'cut') return;
      if (exchange.failure.kind !== 'answer') {
        exchange.failure.settled();
        this.#close(exchange.failure.kind === 'close' ? 'end' : 'reset', 'end');
      } else if (exchange.isWhole) {
        this.unanswered.shift();
        for (const item of cannedItems(exchange.failure.answer, exchange)) this.answers.next.take(item);
        exchange.failure.settled();
        if (!exchange.keepsConnection) this.#close('end', 'end');
      } else {
        // Its body is read and thrown away, and its client may wait for leave to send it.
        if (exchange.awaitsContinue) this.answers.next.take({ kind: 'bytes', bytes: continueBytes });
        exchange.awaitsContinue = false;
        return;
      }
    }
  }

  #close(toClient: 'end' | 'reset', toServer: 'end' | 'reset'): void {
    this.#isClosed = true;
    this.requests.drop();
    this.answers.next.take({ kind: toClient });
    this.requests.next.take({ kind: toServer });
  }
}
