import type { Completion, Conversation, Moment, Sight } from '../conversation.ts';
import { WorkClock } from '../work-clock.ts';
import { Commands } from './commands.ts';
import { RedisDialect } from './dialect.ts';
import { Replies, type Reply } from './replies.ts';

/** What the server was asked and has not answered yet. */
interface Asked {
  got: Moment;
  /** The command's words; `undefined` for one that is no query: nobody multiplies its time. */
  statement: string | undefined;
}

/** A TLS record that opens a handshake. */
const tlsHandshake = 0x16;

/**
 * Follows a connection of Redis' protocol, versions 2 and 3: each command is answered by one reply, in order.
 *
 *     client ── GET cart, LPUSH jobs …, … ─▶ server
 *     client ◀── reply, [push,] reply, …  ── server
 *
 * @see Redis documentation, "Redis serialization protocol specification"
 */
export class RedisConversation implements Conversation {
  sight: Sight = 'clear';
  readonly dialect = new RedisDialect(() => !this.#hasBegun);
  readonly #commands = new Commands((text) => this.#ask(text));
  readonly #replies = new Replies((reply) => this.#answer(reply));
  readonly #clock = new WorkClock();
  #asked: Asked[] = [];
  /** Index of the first that is not answered; the row is cut now and then, not at each reply. */
  #first = 0;
  /** What the client wants to hear of its commands (`CLIENT REPLY`). */
  #replying: 'on' | 'off' | 'skip' = 'on';
  #hasBegun = false;
  #at: Moment = { ms: 0, serverMs: 0 };
  #completions: Completion[] | undefined;

  toServer(bytes: Buffer, at: Moment): void {
    if (this.sight !== 'clear') return;
    if (!this.#hasBegun && bytes[0] === tlsHandshake) this.sight = 'encrypted';
    this.#hasBegun = true;
    this.#at = at;
    if (this.sight === 'clear' && this.#commands.walk(bytes)) this.sight = 'malformed';
  }

  fromServer(bytes: Buffer, at: Moment): Completion[] | undefined {
    if (this.sight !== 'clear') return undefined;
    this.#at = at;
    this.#completions = undefined;
    if (this.#replies.walk(bytes)) this.sight = 'malformed';
    return this.#completions;
  }

  bytesLeftOf(side: 'client' | 'server'): number {
    return side === 'client' ? this.#commands.bytesLeft : this.#replies.bytesLeft;
  }

  #ask(statement: string): 'stop' | undefined {
    const words = statement.toUpperCase();
    const [name = '', second, third] = words.split(/\s+/, 3);
    const lost = streams[name];
    if (lost) {
      this.sight = lost;
      return 'stop';
    }
    const isAnswered = name === 'CLIENT' && second === 'REPLY' ? this.#reply(third) : this.#isAnswered();
    if (isAnswered) this.#asked.push({ got: this.#at, statement: isQuery(name, words) ? statement : undefined });
    return undefined;
  }

  /** @returns whether `CLIENT REPLY` itself is answered */
  #reply(how: string | undefined): boolean {
    if (how === 'OFF') this.#replying = 'off';
    else if (how === 'SKIP') this.#replying = this.#replying === 'off' ? 'off' : 'skip';
    else this.#replying = 'on';
    return this.#replying === 'on';
  }

  #isAnswered(): boolean {
    if (this.#replying !== 'skip') return this.#replying === 'on';
    this.#replying = 'on';
    return false;
  }

  #answer({ isError, offset }: Reply): 'malformed' | undefined {
    const asked = this.#take();
    if (!asked) return isError ? undefined : 'malformed'; // "max number of clients reached" answers nothing
    const workMs = this.#clock.finish(asked.got, this.#at);
    if (asked.statement === undefined) return undefined;
    this.#completions ??= [];
    this.#completions.push({ offset, work: 'query', statement: asked.statement, gotMs: asked.got.ms, workMs });
    return undefined;
  }

  #take(): Asked | undefined {
    const asked = this.#asked[this.#first];
    if (!asked) return undefined;
    this.#first += 1;
    if (this.#first * 2 > this.#asked.length) {
      this.#asked = this.#asked.slice(this.#first);
      this.#first = 0;
    }
    return asked;
  }
}

/** After these the server speaks without being asked. */
const streams: Record<string, Sight> = {
  SUBSCRIBE: 'subscription',
  PSUBSCRIBE: 'subscription',
  SSUBSCRIBE: 'subscription',
  UNSUBSCRIBE: 'subscription',
  PUNSUBSCRIBE: 'subscription',
  SUNSUBSCRIBE: 'subscription',
  MONITOR: 'subscription',
  SYNC: 'replication',
  PSYNC: 'replication',
};

/** Opening a session is none, nor is waiting for what others do: it is not the server's work. */
function isQuery(name: string, words: string): boolean {
  if (noQueries.has(name)) return false;
  return !((name === 'XREAD' || name === 'XREADGROUP') && /\sBLOCK\s/.test(words.split(' STREAMS ', 1)[0]!));
}

const noQueries = new Set([
  ...['AUTH', 'CLIENT', 'HELLO', 'QUIT', 'RESET', 'SELECT', 'REPLCONF'],
  ...['BLPOP', 'BRPOP', 'BRPOPLPUSH', 'BLMOVE', 'BLMPOP', 'BZPOPMIN', 'BZPOPMAX', 'BZMPOP', 'WAIT', 'WAITAOF'],
]);
