import type { JsonObject } from '../../model/json.ts';
import type { CannedAnswer } from '../protocols/http/canned-answer.ts';
import type { Exchange, Failure } from '../protocols/http/exchange.ts';
import type { FaultKind } from './fault.ts';
import { RequestChoice } from './requests/choice.ts';
import { refuseBadField } from './requests/fields.ts';
import { numberWithin, oneOf, optionalTextMap, SettingsError, textOf } from './settings.ts';

/**
 * Lets requests fail: with an answer that the server never gave, without one, or in the middle or at the end of the
 * server's own.
 * What was chosen to fail fails, also when the fault is lifted meanwhile.
 */
export const httpFailure: FaultKind = {
  kind: 'http-failure',
  needs: ['http', 'http2'],
  begin(settings) {
    const choice = new RequestChoice(settings);
    const failureOf = failureFrom(settings);
    let failed = 0;
    const settled = () => {
      failed += 1;
    };

    const asked = (exchange: Pick<Exchange, 'request' | 'fields' | 'failure'>): void => {
      if (choice.hits(exchange, exchange.failure === undefined)) exchange.failure = failureOf(settled);
    };

    return {
      join({ exchanges }) {
        const leave = exchanges?.watch({ asked, mayAlter: choice.mayHit, lost: () => choice.lost() });
        return { near: 'server', upstream: undefined, downstream: undefined, ...(leave ? { leave } : {}) };
      },
      streams: { asked, lost: () => choice.lostHttp2() },
      counters: () => ({ ...choice.counters(), failedRequests: failed }),
    };
  },
};

function failureFrom(settings: JsonObject): (settled: () => void) => Failure {
  const how = oneOf(settings, 'how', ['answer', 'close', 'reset', 'cut', 'cut-behind']);
  if (how === 'cut') return (settled) => ({ kind: 'cut', where: 'middle', settled });
  if (how === 'cut-behind') return (settled) => ({ kind: 'cut', where: 'end', settled });
  if (how !== 'answer') return (settled) => ({ kind: how, settled });
  const answer = answerFrom(settings);
  return (settled) => ({ kind: how, answer, settled });
}

function answerFrom(settings: JsonObject): CannedAnswer {
  const status = numberWithin(settings, 'status', 200, 599);
  if (!Number.isInteger(status)) throw new SettingsError(`status is ${status}, expected a whole number`);
  const fields = Object.entries(optionalTextMap(settings, 'headers'));
  for (const [name, value] of fields) refuseBadField(name, value);
  return { status, fields, body: Buffer.from(textOf(settings, 'body'), 'utf8') };
}
