import { chance } from '../../model/chance.ts';
import { HoldingLine } from '../flow/holding-line.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { AnswerMark, Exchange } from '../protocols/http/exchange.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { AnswerDelays } from './requests/answer-delays.ts';
import { RequestChoice } from './requests/choice.ts';
import { HeldAnswers } from './requests/held-answers.ts';
import { StagedBodies } from './requests/staged-bodies.ts';
import { numberWithin, oneOf, textOf } from './settings.ts';

/**
 * Holds back the answers to some requests for `latencyMs` ± `jitterMs`, counted from when the server began to answer.
 * The rest of an answer follows as it comes or, `of` the `whole`, each of its bytes as much later as the first. What stands
 * behind a held answer on the same connection waits with it.
 */
export const httpDelay: FaultKind = {
  kind: 'http-delay',
  needs: ['http', 'http2'],
  begin(settings, { deadlines }) {
    const latencyMs = numberWithin(settings, 'latencyMs', 0, Number.MAX_VALUE);
    const jitterMs = numberWithin(settings, 'jitterMs', 0, Number.MAX_VALUE);
    const isWhole = oneOf(settings, 'of', ['first-byte', 'whole']) === 'whole';
    const choice = new RequestChoice(settings);
    const draw = chance(`${textOf(settings, 'seed')}/jitter`);
    const nextMs = () => Math.max(0, latencyMs + jitterMs * (2 * draw() - 1));
    const delays = new AnswerDelays();
    const held = new HeldAnswers(deadlines, delays);
    const bodies = new StagedBodies();

    return {
      join(connection) {
        const stage = new AnswerDelayStage(deadlines, connection, delays, isWhole);
        const asked = (exchange: Exchange): void => {
          if (choice.hits(exchange)) stage.delay(exchange, nextMs());
        };
        const leave = connection.exchanges?.watch({ asked, lost: () => choice.lost() });
        return { near: 'server', upstream: undefined, downstream: stage, ...(leave ? { leave } : {}) };
      },
      streams: {
        asked(stream) {
          if (!choice.hits(stream)) return;
          const delayMs = nextMs();
          stream.obstacles.holds.push(() => held.hold(delayMs));
          if (isWhole) stream.obstacles.atOnce.push((guard) => bodies.through(new LateBody(deadlines, guard, delayMs)));
        },
        lost: () => choice.lostHttp2(),
        left() {
          held.release();
          bodies.lift();
        },
      },
      counters: () => ({ ...choice.counters(), ...delays.counters() }),
    };
  },
};

class AnswerDelayStage implements Stage {
  next: Receiver = unplaced;
  readonly #line: HoldingLine;
  readonly #tally: AnswerDelays;
  readonly #isWhole: boolean;
  /** How long the answers will be held that have not begun. */
  readonly #delaysMs = new Map<Exchange, number>();
  /** By how much each byte of a body comes later. */
  readonly #bodiesMs = new WeakMap<Exchange, number>();
  /** Whose body came last, if nothing has come behind it. */
  #lastBody: Exchange | undefined;

  constructor(deadlines: Deadlines, connection: JoinedConnection, tally: AnswerDelays, isWhole: boolean) {
    this.#line = new HoldingLine(deadlines, connection.guard, () => this.next);
    this.#tally = tally;
    this.#isWhole = isWhole;
  }

  get heldBytes(): number {
    return this.#line.heldBytes;
  }

  delay(exchange: Exchange, delayMs: number): void {
    this.#delaysMs.set(exchange, delayMs);
    if (!this.#isWhole) return;
    exchange.isFollowed = true;
    this.#bodiesMs.set(exchange, delayMs);
  }

  take(item: Item): void {
    if (item.kind === 'bytes' && item.answers && this.#delaysMs.size > 0) this.#holdAnswers(item.bytes, item.answers);
    else this.#line.hold(item, nowMs() + this.#bodyMs(item)); // behind what is held, else at once
  }

  /** The end of the connection behind a body is a part of it. */
  #bodyMs(item: Item): number {
    if (item.kind === 'bytes') this.#lastBody = item.bodyOf;
    const bodyOf = item.kind === 'reset' ? undefined : this.#lastBody;
    return (bodyOf && this.#bodiesMs.get(bodyOf)) ?? Number.NEGATIVE_INFINITY;
  }

  release(): void {
    this.#line.release();
  }

  drop(): void {
    this.#line.drop();
  }

  /** Cuts the bytes where an answer begins that is held. */
  #holdAnswers(bytes: Buffer, answers: AnswerMark[]): void {
    const tookMs = nowMs();
    let from = 0;
    let marks: AnswerMark[] = [];
    let delayMs: number | undefined;
    const holdTo = (to: number) => {
      if (to > from) this.#hold(bytes.subarray(from, to), marks, tookMs, delayMs);
      from = to;
      marks = [];
    };
    for (const { offset, exchange } of answers) {
      const own = this.#delaysMs.get(exchange);
      this.#delaysMs.delete(exchange);
      if (own !== undefined) {
        holdTo(offset);
        delayMs = own;
      }
      marks.push({ offset: offset - from, exchange });
    }
    holdTo(bytes.length);
  }

  #hold(bytes: Buffer, answers: AnswerMark[], tookMs: number, delayMs: number | undefined): void {
    const item: Item = { kind: 'bytes', bytes, ...(answers.length > 0 ? { answers } : {}) };
    if (delayMs === undefined) this.#line.hold(item, Number.NEGATIVE_INFINITY);
    else
      this.#line.hold(item, tookMs + delayMs, (releasedMs, outcome) =>
        this.#tally.released(releasedMs - tookMs, delayMs, outcome),
      );
  }
}

/** Each byte of a body, and its end, `delayMs` later. */
class LateBody implements Stage {
  next: Receiver = unplaced;
  readonly #line: HoldingLine;
  readonly #delayMs: number;

  constructor(deadlines: Deadlines, guard: (work: () => void) => void, delayMs: number) {
    this.#line = new HoldingLine(deadlines, guard, () => this.next);
    this.#delayMs = delayMs;
  }

  get heldBytes(): number {
    return this.#line.heldBytes;
  }

  take(item: Item): void {
    this.#line.hold(item, nowMs() + this.#delayMs);
  }

  release(): void {
    this.#line.release();
  }

  drop(): void {
    this.#line.drop();
  }
}
