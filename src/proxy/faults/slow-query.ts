import type { ProxyCounters } from '../../model/fault.ts';
import { HoldingLine, type Outcome } from '../flow/holding-line.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Completion, Conversation } from '../protocols/conversation.ts';
import type { Deadlines } from '../time/deadlines.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { numberWithin } from './settings.ts';

/**
 * Makes a database `factor` times slower, as its clients see it: the end of each answer is held back until the query
 * took `factor` times what the server really took. Rows pass as they come; their end, and what follows it, waits.
 * Queries that were sent ahead behave as with such a server: each begins when the one before it ended.
 */
export const slowQuery: FaultKind = {
  kind: 'slow-query',
  needs: 'postgres',
  begin(settings, { deadlines }) {
    const factor = numberWithin(settings, 'factor', 1, 1_000_000);
    const tally = new QueryTally();
    return {
      join: (connection) => ({
        near: 'server',
        upstream: undefined,
        downstream: new SlowQueryStage(deadlines, connection, factor, tally),
      }),
      counters: () => tally.counters(),
    };
  },
};

/** One answer that is being held, and what it should come to. */
interface Answer extends Completion {
  beginMs: number;
  endMs: number;
}

class SlowQueryStage implements Stage {
  next: Receiver = unplaced;
  readonly #line: HoldingLine;
  readonly #factor: number;
  readonly #conversation: Conversation | undefined;
  readonly #tally: QueryTally;
  /** When the slowed server is done with all that it was asked so far. */
  #lastEndMs = Number.NEGATIVE_INFINITY;
  #isCountedAsUnseen = false;

  constructor(deadlines: Deadlines, connection: JoinedConnection, factor: number, tally: QueryTally) {
    this.#line = new HoldingLine(deadlines, connection.guard, () => this.next);
    this.#conversation = connection.conversation;
    this.#factor = factor;
    this.#tally = tally;
  }

  get heldBytes(): number {
    return this.#line.heldBytes;
  }

  take(item: Item): void {
    this.#countIfUnseen();
    if (item.kind === 'bytes' && item.completions) this.#holdAnswers(item.bytes, item.completions);
    else this.#line.hold(item, Number.NEGATIVE_INFINITY); // behind what is held, else at once
  }

  release(): void {
    this.#line.release();
  }

  drop(): void {
    this.#line.drop();
  }

  /** Cuts the bytes where an answer ends later than what stands before it. */
  #holdAnswers(bytes: Buffer, completions: Completion[]): void {
    let from = 0;
    let dueMs = Number.NEGATIVE_INFINITY;
    let ending: Answer[] = [];
    for (const completion of completions) {
      const answer = this.#slowed(completion);
      if (answer.endMs > dueMs) {
        if (completion.offset > from) this.#hold(bytes.subarray(from, completion.offset), from, dueMs, ending);
        from = completion.offset;
        dueMs = answer.endMs;
        ending = [];
      }
      ending.push(answer);
    }
    this.#hold(bytes.subarray(from), from, dueMs, ending);
  }

  #slowed(completion: Completion): Answer {
    if (completion.work === 'query') this.#tally.query();
    const beginMs = Math.max(completion.gotMs, this.#lastEndMs);
    this.#lastEndMs = beginMs + this.#factor * completion.workMs;
    return { ...completion, beginMs, endMs: this.#lastEndMs };
  }

  /** @param from where these bytes began in the chunk that the answers' offsets count in */
  #hold(bytes: Buffer, from: number, dueMs: number, ending: Answer[]): void {
    // A second fault of this kind on the link sees the server that this one makes of it.
    const completions = ending.map(({ offset, work, gotMs, beginMs, endMs }) => ({
      offset: offset - from,
      work,
      gotMs,
      workMs: endMs - beginMs,
    }));
    const item: Item = { kind: 'bytes', bytes, ...(ending.length > 0 ? { completions } : {}) };
    this.#line.hold(item, dueMs, (releasedMs, outcome) => this.#tally.answered(ending, releasedMs, outcome));
  }

  #countIfUnseen(): void {
    const sight = this.#conversation?.sight ?? 'malformed';
    if (sight === 'clear' || this.#isCountedAsUnseen) return;
    this.#isCountedAsUnseen = true;
    this.#tally.unseen(sight);
  }
}

class QueryTally {
  #queries = 0;
  #slowed = 0;
  #cutShort = 0;
  #serverMs = 0;
  #clientMs = 0;
  #serverMaxMs = 0;
  #clientMaxMs = 0;
  #errorMs = 0;
  #errorMaxMs = 0;
  readonly #unseen = { encrypted: 0, replication: 0, malformed: 0 };

  /** The server has answered one; its client has still to wait. */
  query(): void {
    this.#queries += 1;
  }

  /** Times are taken of those that were held to their end. */
  answered(answers: Answer[], releasedMs: number, outcome: Outcome): void {
    for (const { work, workMs, beginMs, endMs } of answers) {
      if (work === 'query') this.#count(outcome);
      if (outcome === 'cut-short') continue;
      const clientMs = releasedMs - beginMs;
      const errorMs = releasedMs - endMs;
      this.#serverMs += workMs;
      this.#clientMs += clientMs;
      this.#serverMaxMs = Math.max(this.#serverMaxMs, workMs);
      this.#clientMaxMs = Math.max(this.#clientMaxMs, clientMs);
      this.#errorMs += errorMs;
      this.#errorMaxMs = Math.max(this.#errorMaxMs, errorMs);
    }
  }

  #count(outcome: Outcome): void {
    if (outcome === 'on-time') this.#slowed += 1;
    else this.#cutShort += 1;
  }

  unseen(sight: 'encrypted' | 'replication' | 'malformed'): void {
    this.#unseen[sight] += 1;
  }

  counters(): ProxyCounters {
    return {
      queries: this.#queries,
      slowedQueries: this.#slowed,
      cutShortQueries: this.#cutShort,
      serverMs: this.#serverMs,
      clientMs: this.#clientMs,
      serverMaxMs: this.#serverMaxMs,
      clientMaxMs: this.#clientMaxMs,
      errorMs: this.#errorMs,
      errorMaxMs: this.#errorMaxMs,
      encryptedConnections: this.#unseen.encrypted,
      replicationConnections: this.#unseen.replication,
      malformedConnections: this.#unseen.malformed,
    };
  }
}
