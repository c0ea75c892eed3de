import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { plural } from '../../text/plural.ts';
import { requestEffect, requestFigures } from '../http-requests/effect.ts';

/**
 * What the failing did, from what the proxy counted. `failureRate` is the share of the matching requests that were
 * chosen, 0..1, `null` without any; `unansweredFailures` were chosen, but their clients did not wait for it.
 * @param how `with status 503`, `by a reset`
 */
export function failureEffect(counters: ProxyCounters, how: string): Effect {
  const { chosenRequests: chosen = 0, failedRequests: failed = 0 } = counters;
  const { requests, matchingRequests } = requestFigures(counters);
  const what = `${failed} of ${plural(requests, 'request')} failed ${how}`;
  const matched = matchingRequests === requests ? '' : ` (${matchingRequests} matched)`;
  return requestEffect(failed > 0 ? `${what}${matched}` : undefined, counters, {
    failedRequests: failed,
    unansweredFailures: chosen - failed,
    failureRate: matchingRequests > 0 ? chosen / matchingRequests : null,
  });
}
