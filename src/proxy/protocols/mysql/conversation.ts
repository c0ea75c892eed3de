import { statementBytes } from '../beginning.ts';
import type { Blindness, Completion, Conversation, Moment, Sight } from '../conversation.ts';
import { WorkClock } from '../work-clock.ts';
import { Answer, type AnswerKind } from './answers.ts';
import { type Agreement, agreed, greeted } from './capabilities.ts';
import { calls, commandOf, processInfo } from './commands.ts';
import { MysqlDialect } from './dialect.ts';
import { longest, type Packet, Packets } from './packets.ts';
import { Statements } from './statements.ts';

/** What the server was asked and has not finished yet. */
interface Asked {
  answer: Answer;
  kind: AnswerKind;
  got: Moment;
  /** Whether it is work whose time is multiplied. */
  isQuery: boolean;
  statement: string | undefined;
  /** It reads a file of the client's: how long that takes is the client's doing as well. */
  readsFile: boolean;
}

type Phase =
  | { name: 'greeting' }
  | { name: 'greeted'; server: NonNullable<ReturnType<typeof greeted>> }
  | { name: 'open'; agreement: Agreement };

/**
 * Follows a connection of the protocol of MySQL and MariaDB.
 *
 *     client ◀── greeting, … OK ◀─ result, result, …            ── server
 *     client ── [SSLRequest] answer to it ─▶ Query, Prepare, … ─▶ server
 *
 * @see MySQL Internals, "Client/Server Protocol"; MariaDB Knowledge Base, "Client/Server Protocol"
 */
export class MysqlConversation implements Conversation {
  sight: Sight = 'clear';
  readonly #fromClient = new Packets({ headBytes: statementBytes, ends: (packet) => this.#said(packet) });
  readonly #fromServer = new Packets({ headBytes: 160, begins: (packet) => this.#answered(packet) });
  readonly #statements = new Statements();
  readonly dialect = new MysqlDialect(this.#statements, () => this.#takesCommands());
  readonly #clock = new WorkClock();
  readonly #asked: Asked[] = [];
  #phase: Phase = { name: 'greeting' };
  /** The client sends a file: its packets are no commands until an empty one. */
  #sendsFile = false;
  #at: Moment = { ms: 0, serverMs: 0 };
  #completions: Completion[] | undefined;

  constructor() {
    this.#fromServer.limit = longestGreeting;
  }

  toServer(bytes: Buffer, at: Moment): void {
    if (this.sight !== 'clear') return;
    this.#at = at;
    // The server speaks first.
    if (this.#phase.name === 'greeting' || this.#fromClient.walk(bytes)) this.sight = 'malformed';
  }

  fromServer(bytes: Buffer, at: Moment): Completion[] | undefined {
    if (this.sight !== 'clear') return undefined;
    this.#at = at;
    this.#completions = undefined;
    if (this.#fromServer.walk(bytes)) this.sight = 'malformed';
    return this.#completions;
  }

  bytesLeftOf(side: 'client' | 'server'): number {
    return side === 'client' ? this.#fromClient.bytesLeft : this.#fromServer.bytesLeft;
  }

  #takesCommands(): Agreement | undefined {
    return this.#phase.name === 'open' && !this.#sendsFile ? this.#phase.agreement : undefined;
  }

  /** A packet of the client is whole: the server can begin. */
  #said({ sequence, head, length }: Packet): 'stop' | 'malformed' | undefined {
    if (this.#phase.name !== 'open')
      return this.#phase.name === 'greeted' ? this.#open(this.#phase.server, head, length) : 'malformed';
    if (this.#sendsFile) {
      this.#sendsFile = length > 0;
      return undefined;
    }
    if (sequence !== 0) return this.#asked[0]?.kind === 'authentication' ? undefined : 'malformed';
    return this.#command(head, this.#phase.agreement);
  }

  #open(server: Extract<Phase, { name: 'greeted' }>['server'], head: Buffer, length: number) {
    const agreement = agreed(server, head, length);
    if (!agreement) return 'malformed';
    if (agreement === 'tls') return this.#lose('encrypted');
    if (agreement.compressed) return this.#lose('compressed');
    this.#phase = { name: 'open', agreement };
    this.#ask('authentication', agreement);
    return undefined;
  }

  #command(head: Buffer, agreement: Agreement): 'stop' | 'malformed' | undefined {
    const code = head[0]!;
    switch (code) {
      case commandOf.query:
        return this.#ask('results', agreement, this.#statements.query(head, agreement.queryAttributes), true);
      case commandOf.execute:
      case commandOf.bulkExecute:
        return this.#ask('results', agreement, this.#statements.executed(head), true);
      case commandOf.fetch:
        return this.#ask('rows', agreement, this.#statements.executed(head), true);
      case commandOf.prepare:
        return this.#ask('prepare', agreement, head.toString('utf8', 1));
      case commandOf.close:
        this.#statements.close(head);
        return undefined;
      case commandOf.quit:
      case commandOf.sendLongData:
        return undefined;
      case commandOf.fieldList:
        return this.#ask('fields', agreement);
      case commandOf.changeUser:
        return this.#ask('authentication', agreement);
      case processInfo:
        return this.#ask('results', agreement);
      case commandOf.binlogDump:
      case commandOf.binlogDumpGtid:
      case commandOf.tableDump:
        return this.#lose('replication');
      default:
        return calls.has(code) ? this.#ask('call', agreement) : 'malformed';
    }
  }

  #ask(kind: AnswerKind, agreement: Agreement, statement?: string, isQuery = false): undefined {
    const answer = new Answer(kind, agreement);
    this.#asked.push({ answer, kind, got: this.#at, isQuery, statement, readsFile: false });
  }

  /** The head of a packet of the server has come. */
  #answered(packet: Packet): 'stop' | 'malformed' | undefined {
    const isError = packet.head[0] === 0xff;
    if (this.#phase.name === 'greeting') {
      const server = greeted(packet.head);
      if (server) this.#phase = { name: 'greeted', server };
      this.#fromServer.limit = longest;
      return server || isError ? undefined : 'malformed';
    }
    const asked = this.#asked[0];
    if (!asked) return isError ? undefined : 'malformed'; // it may say that it ends the session
    const isPrepared = asked.kind === 'prepare' && packet.head[0] === 0 && asked.answer.isFresh;
    if (isPrepared && asked.statement !== undefined) this.#statements.prepared(packet.head, asked.statement);
    switch (asked.answer.read(packet)) {
      case 'malformed':
        return 'malformed';
      case 'wants-file':
        asked.readsFile = true;
        this.#sendsFile = true;
        return undefined;
      case 'result':
        this.#complete(asked, packet.offset);
        return undefined;
      case 'over':
        this.#asked.shift();
        this.#complete(asked, packet.offset);
        return undefined;
      default:
        return undefined;
    }
  }

  #complete(asked: Asked, offset: number): void {
    const workMs = this.#clock.finish(asked.got, this.#at);
    const { isQuery, readsFile, statement, got } = asked;
    asked.readsFile = false; // another statement of the same query may follow
    if (!isQuery || readsFile) return;
    this.#completions ??= [];
    this.#completions.push({ offset, work: 'query', statement, gotMs: got.ms, workMs });
  }

  #lose(sight: Blindness): 'stop' {
    this.sight = sight;
    return 'stop';
  }
}

/** A greeting, or an error in its place, takes far less. */
const longestGreeting = 1000;
