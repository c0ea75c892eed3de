import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { plural } from '../../text/plural.ts';
import { requestEffect, requestFigures } from '../http-requests/effect.ts';

/** What the changing did, from what the proxy counted: how many requests, and how many answers, went on changed. */
export function changeEffect(counters: ProxyCounters): Effect {
  const { changedRequests = 0, changedResponses = 0 } = counters;
  const { requests, matchingRequests } = requestFigures(counters);
  const of = plural(requests, 'request');
  const matched = matchingRequests === requests ? '' : ` (${matchingRequests} matched)`;
  const did = [
    ...(changedRequests > 0 ? [`${changedRequests} of ${of} changed`] : []),
    ...(changedResponses > 0 ? [`the responses to ${changedResponses} of ${of} changed`] : []),
  ];
  return requestEffect(did.length > 0 ? `${did.join(', ')}${matched}` : undefined, counters, {
    changedRequests,
    changedResponses,
  });
}
