import { HoldingLine } from '../flow/holding-line.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Completion, Conversation } from '../protocols/conversation.ts';
import type { Deadlines } from '../time/deadlines.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { type Answer, QueryTally } from './query-tally.ts';
import { numberWithin, optionalTexts } from './settings.ts';
import { statementMatcher } from './statements.ts';

/**
 * Makes a database slower, as its clients see it: the end of each answer is held back until the query took `factor`
 * times what the server really took, and `delayMs` more. Rows pass as they come; their end, and what follows it, waits.
 * Queries that were sent ahead behave as with such a server: each begins when the one before it ended.
 */
export const slowQuery: FaultKind = {
  kind: 'slow-query',
  needs: ['postgres', 'mysql', 'redis'],
  begin(settings, { deadlines }) {
    const factor = numberWithin(settings, 'factor', 1, 1_000_000);
    const delayMs = Object.hasOwn(settings, 'delayMs') ? numberWithin(settings, 'delayMs', 0, Number.MAX_VALUE) : 0;
    const isMeant = statementMatcher(optionalTexts(settings, 'statements'));
    const tally = new QueryTally();
    const slowedMs = ({ statement, workMs }: Completion): number | undefined =>
      isMeant(statement) ? factor * workMs + delayMs : undefined;
    return {
      join: (connection) => ({
        near: 'server',
        upstream: undefined,
        downstream: new SlowQueryStage(deadlines, connection, slowedMs, tally),
      }),
      counters: () => tally.counters(),
    };
  },
};

/** @returns how long it is to take; `undefined`: as long as it does */
type Pace = (completion: Completion) => number | undefined;

class SlowQueryStage implements Stage {
  next: Receiver = unplaced;
  readonly #line: HoldingLine;
  readonly #pace: Pace;
  readonly #conversation: Conversation | undefined;
  readonly #tally: QueryTally;
  /** When the slowed server is done with all that it was asked so far. */
  #lastEndMs = Number.NEGATIVE_INFINITY;
  #isCountedAsUnseen = false;

  constructor(deadlines: Deadlines, connection: JoinedConnection, pace: Pace, tally: QueryTally) {
    this.#line = new HoldingLine(deadlines, connection.guard, () => this.next);
    this.#conversation = connection.conversation;
    this.#pace = pace;
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
    const slowedMs = this.#pace(completion);
    const isSlowed = slowedMs !== undefined;
    if (isSlowed && completion.work === 'query') this.#tally.query();
    const beginMs = Math.max(completion.gotMs, this.#lastEndMs);
    this.#lastEndMs = beginMs + (slowedMs ?? completion.workMs);
    return { ...completion, isSlowed, beginMs, endMs: this.#lastEndMs };
  }

  /** @param from where these bytes began in the chunk that the answers' offsets count in */
  #hold(bytes: Buffer, from: number, dueMs: number, ending: Answer[]): void {
    // A second fault of this kind on the link sees the server that this one makes of it.
    const completions = ending.map(({ offset, work, statement, gotMs, beginMs, endMs }) => ({
      offset: offset - from,
      work,
      statement,
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
