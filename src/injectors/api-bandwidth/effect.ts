import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { formatRate } from '../../model/rate.ts';
import { plural } from '../../text/plural.ts';
import { requestEffect } from '../http-requests/effect.ts';

/** Who has been slowed down by less, on average, has not seen it. */
const leastMs = 1;

/**
 * What the slowing down did, from what the proxy counted. `bytesPerSecond` is the rate that an answer had, on average, while
 * its body passed; `bytes` are those of the bodies. @param askedRate bytes a second
 */
export function slowAnswersEffect(counters: ProxyCounters, askedRate: number): Effect {
  const { chosenRequests: chosen = 0, bytes = 0, busyBytes = 0, busyMs = 0 } = counters;
  const rate = busyMs > 0 ? busyBytes / (busyMs / 1000) : 0;
  const answers = `the answers to ${plural(chosen, 'request')}`;
  const limit = formatRate(askedRate);
  const did =
    chosen > 0 && busyMs / chosen >= leastMs ? `${answers} came at ${formatRate(rate)} (allowed ${limit})` : undefined;
  const figures = { slowedRequests: chosen, askedBytesPerSecond: askedRate, bytesPerSecond: rate };
  const none = chosen > 0 ? `${answers} were not slowed down by the limit of ${limit}` : undefined;
  return requestEffect(did, counters, { ...figures, bytes }, none);
}
