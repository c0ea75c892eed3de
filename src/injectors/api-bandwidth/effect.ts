import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { formatRate } from '../../model/rate.ts';
import { plural } from '../../text/plural.ts';
import { requestEffect } from '../http-requests/effect.ts';

/**
 * What the slowing down did, from what the proxy counted. `bytesPerSecond` is the rate that an answer had, on average, while
 * something of it waited; `bytes` are those of the bodies. @param askedRate bytes a second
 */
export function slowAnswersEffect(counters: ProxyCounters, askedRate: number): Effect {
  const { chosenRequests: chosen = 0, bytes = 0, heldPieces = 0, busyBytes = 0, busyMs = 0 } = counters;
  const rate = busyMs > 0 ? busyBytes / (busyMs / 1000) : 0;
  const of = `the bodies of ${plural(chosen, 'answer')}`;
  const limit = formatRate(askedRate);
  const did =
    heldPieces > 0 ? `${of} came at ${formatRate(rate)} (allowed ${limit}) while something waited` : undefined;
  const figures = { slowedRequests: chosen, askedBytesPerSecond: askedRate, bytesPerSecond: rate };
  const none = chosen > 0 ? `nothing of ${of} waited for the limit of ${limit}` : undefined;
  return requestEffect(did, counters, { ...figures, bytes, heldBack: heldPieces }, none);
}
