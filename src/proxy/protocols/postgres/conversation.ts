import type { Completion, Conversation, Moment, Sight } from '../conversation.ts';
import { PostgresDialect } from './dialect.ts';
import { Framing } from './framing.ts';
import { Startup } from './startup.ts';
import { Statements } from './statements.ts';
import { OutOfStep, WorkQueue } from './work-queue.ts';

/**
 * Follows a connection of PostgreSQL's protocol, version 3.
 *
 *     client ── [SSLRequest] StartupMessage ─▶ Query, Parse, Bind, Execute, Sync, … ─▶ server
 *     client ◀── [N] … ReadyForQuery ◀─ rows, CommandComplete, ReadyForQuery, …       ── server
 *
 * @see PostgreSQL documentation, chapter 54 "Frontend/Backend Protocol"
 */
export class PostgresConversation implements Conversation {
  sight: Sight = 'clear';
  readonly #work = new WorkQueue();
  readonly #startup = new Startup();
  readonly #statements = new Statements();
  readonly dialect = new PostgresDialect(this.#statements, () => this.#opened);
  readonly #fromClient = new Framing({ ends: (type, body) => this.#asked(type, body), keeps: withText });
  readonly #fromServer = new Framing({ begins: (type, offset) => this.#answered(type, this.#skipped + offset) });
  #opened = false;
  /** How many one-byte answers to a request for encryption are still to come. */
  #encryptionAnswers = 0;
  /** Bytes of the present chunk that stand before its messages. */
  #skipped = 0;
  /** The first ReadyForQuery ends the authentication; it answers no request. */
  #authenticated = false;
  #at: Moment = { ms: 0, serverMs: 0 };
  #completions: Completion[] | undefined;

  toServer(bytes: Buffer, at: Moment): void {
    this.#at = at;
    let rest = bytes;
    while (rest.length > 0 && this.sight === 'clear') {
      if (this.#opened) {
        if (this.#fromClient.walk(rest)) this.sight = 'malformed';
        return;
      }
      const { opening, used } = this.#startup.read(rest);
      rest = rest.subarray(used);
      if (opening === 'session') this.#opened = true;
      else if (opening === 'encryption') this.#encryptionAnswers += 1;
      else if (opening === 'direct-tls') this.sight = 'encrypted';
      else if (opening === 'malformed') this.sight = 'malformed';
    }
  }

  fromServer(bytes: Buffer, at: Moment): Completion[] | undefined {
    if (this.sight !== 'clear') return undefined;
    this.#at = at;
    this.#completions = undefined;
    this.#skipped = this.#readEncryptionAnswers(bytes);
    if (this.sight !== 'clear') return undefined;
    if (this.#fromServer.walk(bytes.subarray(this.#skipped))) this.sight = 'malformed';
    return this.#completions;
  }

  bytesLeftOf(side: 'client' | 'server'): number {
    if (side === 'server') return this.#fromServer.bytesLeft;
    return this.#opened ? this.#fromClient.bytesLeft : this.#startup.bytesLeft;
  }

  /** @returns how many of the bytes are answers to requests for encryption */
  #readEncryptionAnswers(bytes: Buffer): number {
    let used = 0;
    for (; this.#encryptionAnswers > 0 && used < bytes.length; used += 1) {
      const answer = bytes[used];
      if (answer === code('E')) {
        this.#encryptionAnswers = 0; // an error message, from servers that know nothing of encryption
        break;
      }
      if (answer === code('S') || answer === code('G')) this.sight = 'encrypted';
      else if (answer !== code('N')) this.sight = 'malformed';
      if (this.sight !== 'clear') break;
      this.#encryptionAnswers -= 1;
    }
    return used;
  }

  /** A message of the client is whole: the server can begin. */
  #asked(type: number, body: Buffer): 'stop' | undefined {
    switch (type) {
      case code('Q'):
        this.#work.query(this.#at, this.#statements.query(body));
        return undefined;
      case code('E'):
        this.#work.execute(this.#at, this.#statements.executed(body));
        return undefined;
      case code('P'):
        this.#statements.parse(body);
        return undefined;
      case code('B'):
        this.#statements.bind(body);
        return undefined;
      case code('C'):
        this.#statements.close(body);
        return undefined;
      case code('S'):
        this.#work.sync(this.#at);
        return undefined;
      case code('F'):
        this.#work.call(this.#at);
        return undefined;
      case code('d'):
        this.#work.copy('copy-data');
        return undefined;
      case code('c'):
      case code('f'):
        this.#work.copy('copy-end');
        return undefined;
      default:
        return otherFromClient.has(type) ? undefined : this.#lose('malformed');
    }
  }

  /** A message of the server begins. */
  #answered(type: number, offset: number): 'stop' | undefined {
    try {
      switch (type) {
        case code('C'):
        case code('I'):
        case code('s'):
          return this.#note(this.#work.completed(this.#at, offset));
        case code('E'):
          return this.#note(this.#work.failed(this.#at, offset));
        case code('Z'):
          if (this.#authenticated) return this.#note(this.#work.ready(this.#at, offset));
          this.#authenticated = true;
          return undefined;
        case code('G'):
          this.#work.copyBegins('in');
          return undefined;
        case code('H'):
          this.#work.copyBegins('out');
          return undefined;
        case code('W'):
          return this.#lose('replication');
        default:
          return otherFromServer.has(type) ? undefined : this.#lose('malformed');
      }
    } catch (error) {
      if (error instanceof OutOfStep) return this.#lose('malformed');
      throw error;
    }
  }

  #note(completion: Completion | undefined): undefined {
    if (!completion) return;
    this.#completions ??= [];
    this.#completions.push(completion);
  }

  #lose(sight: Sight): 'stop' {
    this.sight = sight;
    return 'stop';
  }
}

const code = (letter: string): number => letter.charCodeAt(0);
const codes = (letters: string): Set<number> => new Set([...letters].map(code));

/** Those that carry or name a statement: Query, Execute, Parse, Bind, Close. */
const withText = codes('QEPBC');
/** Describe, Flush, a password or its like, Terminate. */
const otherFromClient = codes('DHpX');
/** Replies to Parse, Bind and Close; notifications, rows, copied data, keys, parameters, notices, authentication, … */
const otherFromServer = codes('123AcDdKNnRStTVv');
