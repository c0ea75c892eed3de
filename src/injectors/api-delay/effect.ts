import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { plural } from '../../text/plural.ts';
import { requestEffect, requestFigures } from '../http-requests/effect.ts';

/**
 * What the delaying did, from what the proxy counted. `meanMs` and `maxMs` are delays that were added to answers which
 * waited to the end; `errorMs` is how much longer than drawn they waited, on average. `null`: there was none.
 */
export function delayEffect(counters: ProxyCounters, askedMs: number): Effect {
  const { chosenRequests: chosen = 0, delayedRequests: delayed = 0, cutShortRequests: cutShort = 0 } = counters;
  const mean = (sum: number | undefined) => (delayed > 0 ? (sum ?? 0) / delayed : null);
  const { requests, matchingRequests } = requestFigures(counters);
  const meanMs = mean(counters.delaySumMs);
  const matched = matchingRequests === requests ? '' : ` (${matchingRequests} matched)`;
  const of = `of ${plural(requests, 'request')}`;
  const did =
    meanMs === null
      ? `the answers to ${chosen} ${of} held back, none for the whole delay`
      : `${delayed} ${of} delayed by ${meanMs.toFixed(1)} ms on average (asked ${askedMs} ms)${matched}`;
  return requestEffect(chosen > 0 ? did : undefined, counters, {
    delayedRequests: delayed,
    cutShortRequests: cutShort,
    askedMs,
    meanMs,
    maxMs: delayed > 0 ? (counters.delayMaxMs ?? 0) : null,
    errorMs: mean(counters.errorSumMs),
  });
}
