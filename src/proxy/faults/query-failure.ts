import type { JsonObject } from '../../model/json.ts';
import type { Blindness } from '../protocols/conversation.ts';
import { blindnesses } from '../protocols/conversation.ts';
import type { ErrorAnswer } from '../protocols/statements/dialect.ts';
import type { Failure } from '../protocols/statements/failures.ts';
import type { FaultKind } from './fault.ts';
import { selection } from './requests/selection.ts';
import { oneOf, optionalTexts, SettingsError, textOf } from './settings.ts';
import { statementMatcher } from './statements.ts';

/** Lets statements fail, or the opening of sessions, with an error that the server did not think of. */
export const queryFailure: FaultKind = {
  kind: 'query-failure',
  needs: ['postgres', 'mysql', 'redis'],
  begin(settings) {
    const of = oneOf(settings, 'of', ['statements', 'sessions']);
    const isMeant = statementMatcher(optionalTexts(settings, 'statements'));
    const isHit = selection(settings);
    const tally = new Tally();
    const failure: Failure = { error: errorFrom(settings), settled: () => tally.settled() };

    const asked = (statement: string | undefined): Failure | undefined =>
      tally.asked(isMeant(statement)) && isHit() ? tally.chosen(failure) : undefined;

    return {
      join({ statements: gate }) {
        const none = { near: 'server', upstream: undefined, downstream: undefined } as const;
        if (!gate) return none;
        if (of === 'statements') return { ...none, leave: gate.watch({ asked, lost: (sight) => tally.lost(sight) }) };
        if (!gate.isFresh) return none;
        const refusal = tally.asked(true) && isHit() ? tally.chosen(failure) : undefined;
        return refusal ? { ...none, leave: gate.refuseSession(refusal) } : none;
      },
      counters: () => tally.counters(),
    };
  },
};

/** @throws SettingsError */
function errorFrom(settings: JsonObject): ErrorAnswer {
  const [code, state, message] = [textOf(settings, 'code'), textOf(settings, 'state'), textOf(settings, 'message')];
  if (!/^[A-Z0-9]+$/.test(code))
    throw new SettingsError(`code is ${JSON.stringify(code)}, expected letters and digits`);
  if (!/^[A-Z0-9]{5}$/.test(state)) throw new SettingsError(`state is ${JSON.stringify(state)}, expected a SQLSTATE`);
  if (/[\0\r\n]/.test(message)) throw new SettingsError('message has a line break in it');
  return { code, state, message };
}

/** What a fault has seen, of statements or of sessions that open, and what it did. */
class Tally {
  #asked = 0;
  #matching = 0;
  #chosen = 0;
  #failed = 0;
  readonly #unseen = new Map<Blindness, number>();

  asked(isMeant: boolean): boolean {
    this.#asked += 1;
    if (isMeant) this.#matching += 1;
    return isMeant;
  }

  chosen(failure: Failure): Failure {
    this.#chosen += 1;
    return failure;
  }

  settled(): void {
    this.#failed += 1;
  }

  lost(sight: Blindness): void {
    this.#unseen.set(sight, (this.#unseen.get(sight) ?? 0) + 1);
  }

  counters() {
    return {
      asked: this.#asked,
      matching: this.#matching,
      chosen: this.#chosen,
      failed: this.#failed,
      ...Object.fromEntries(blindnesses.map((one) => [`${one}Connections`, this.#unseen.get(one) ?? 0])),
    };
  }
}
