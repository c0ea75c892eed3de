import type { CannedAnswer } from './canned-answer.ts';
import { type Head, hasWord, type RequestLine } from './head.ts';
import type { HeadChange } from './head-change.ts';

/** One request and what becomes of it. */
export class Exchange {
  readonly request: RequestLine;
  readonly fields: ReadonlyMap<string, string>;
  /** Set by a watcher when it is asked; who comes first decides. */
  failure: Failure | undefined;
  /** Set by watchers when it is asked, and made in this order. */
  readonly requestChanges: HeadChange[] = [];
  /** Likewise, of the server's answer. */
  readonly answerChanges: HeadChange[] = [];
  /** Set by a watcher that wants to know, further on, which bytes are the body of the answer. */
  isFollowed = false;
  /** The request was read to its end. */
  isWhole = false;
  /** What follows it may be no HTTP: only its answer tells. */
  mayLeadToTunnel: boolean;
  /** The client still waits for leave to send the body. */
  awaitsContinue: boolean;
  /** The connection can be used after it. */
  keepsConnection: boolean;

  constructor({ start, fields }: Head<RequestLine>) {
    this.request = start;
    this.fields = fields;
    const connection = fields.get('connection');
    this.mayLeadToTunnel = start.method === 'CONNECT' || (hasWord(connection, 'upgrade') && fields.has('upgrade'));
    this.awaitsContinue = start.minorVersion >= 1 && hasWord(fields.get('expect'), '100-continue');
    this.keepsConnection = start.minorVersion >= 1 ? !hasWord(connection, 'close') : hasWord(connection, 'keep-alive');
  }

  /** Whether the server never gets the request. */
  get isWithheld(): boolean {
    return this.failure !== undefined && this.failure.kind !== 'cut';
  }
}

/** How a request fails. `settled` is called when its client was made to see it. */
export type Failure = { settled(): void } & (
  | { kind: 'answer'; answer: CannedAnswer }
  /** The connection ends (FIN), or breaks (RST), where the answer would begin. */
  | { kind: 'close' | 'reset' }
  /** The server's answer ends before its time, or the connection right behind it. */
  | { kind: 'cut'; where: 'middle' | 'end' }
);

/** A fault's part in a connection. */
export interface Watcher {
  /** The head of a request is whole. */
  asked(exchange: Exchange): void;
  /**
   * Whether a request that begins so may have to be kept from the server, or changed: then nothing of its head goes there
   * before the watcher was asked. Absent: never, whatever comes.
   */
  mayAlter?(request: RequestLine): boolean;
  /** From here on this is not HTTP/1.1 as we can read it: the connection passes untouched. */
  lost(): void;
}

/** Where in bytes from the server, or in ours, the answer of an exchange begins. */
export interface AnswerMark {
  offset: number;
  exchange: Exchange;
}
