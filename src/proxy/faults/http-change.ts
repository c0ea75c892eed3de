import type { JsonObject } from '../../model/json.ts';
import type { Exchange } from '../protocols/http/exchange.ts';
import type { HeadChange } from '../protocols/http/head-change.ts';
import type { FaultKind } from './fault.ts';
import { RequestChoice } from './requests/choice.ts';
import { refuseBadField } from './requests/fields.ts';
import { objectOf, optionalTextMap, optionalTexts } from './settings.ts';

/** Sets, adds and removes fields in the heads of some requests and of the server's answers to them. */
export const httpChange: FaultKind = {
  kind: 'http-change',
  needs: ['http'],
  begin(settings) {
    const choice = new RequestChoice(settings);
    let [requests, responses] = [0, 0];
    const ofRequest = changeFrom(objectOf(settings, 'request'), () => {
      requests += 1;
    });
    const ofResponse = changeFrom(objectOf(settings, 'response'), () => {
      responses += 1;
    });

    const alters = ofRequest ? { mayAlter: choice.mayHit } : {};
    const asked = (exchange: Exchange): void => {
      if (!choice.hits(exchange)) return;
      if (ofRequest) exchange.requestChanges.push(ofRequest);
      if (ofResponse) exchange.answerChanges.push(ofResponse);
    };

    return {
      join({ exchanges }) {
        const leave = exchanges?.watch({ asked, ...alters, lost: () => choice.lost() });
        return { near: 'server', upstream: undefined, downstream: undefined, ...(leave ? { leave } : {}) };
      },
      counters: () => ({ ...choice.counters(), changedRequests: requests, changedResponses: responses }),
    };
  },
};

/** @returns `undefined` when nothing is changed @throws SettingsError */
function changeFrom(settings: JsonObject, settled: () => void): HeadChange | undefined {
  const set = Object.entries(optionalTextMap(settings, 'set'));
  const added = [...set, ...Object.entries(optionalTextMap(settings, 'add'))];
  for (const [name, value] of added) refuseBadField(name, value);
  const removed = [...set.map(([name]) => name), ...(optionalTexts(settings, 'remove') ?? [])];
  if (removed.length === 0 && added.length === 0) return undefined;
  return { removed: new Set(removed.map((name) => name.toLowerCase())), added, settled };
}
