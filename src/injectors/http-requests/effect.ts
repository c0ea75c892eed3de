import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { plural } from '../../text/plural.ts';

/** Requests while a fault was in force: all that passed the link, those that matched, those that were hit. */
export interface RequestFigures extends Record<string, number | string | null> {
  requests: number;
  matchingRequests: number;
  passedRequests: number;
  unreadableConnections: number;
}

export const requestFigures = (counters: ProxyCounters): RequestFigures => ({
  requests: counters.requests ?? 0,
  matchingRequests: counters.matchingRequests ?? 0,
  passedRequests: counters.passedRequests ?? 0,
  unreadableConnections: counters.unreadableConnections ?? 0,
});

/**
 * An effect of requests.
 * @param did what was done to how many; `undefined` when nothing was done to any
 * @param more figures of that
 * @param hitButNot why nothing was done to those that were hit, if any were
 */
export function requestEffect(
  did: string | undefined,
  counters: ProxyCounters,
  more: Record<string, number | null>,
  hitButNot?: string,
): Effect {
  const figures = { ...requestFigures(counters), ...more };
  const { requests, matchingRequests, unreadableConnections } = figures;
  const why =
    (counters.notHttp2Connections ?? 0) > 0
      ? 'this is not HTTP/2 in the clear (it may be TLS, or HTTP/1.1)'
      : 'this is not HTTP/1.1 in the clear';
  const blind =
    unreadableConnections > 0 ? [`${plural(unreadableConnections, 'connection')} passed untouched: ${why}`] : [];
  const about = (what: string) => [what, ...blind].join('; ');
  if (did !== undefined) return { seen: 'seen', summary: about(did), figures };
  if (requests === 0) return { seen: 'unseen', summary: about('no request passed while it was in force'), figures };
  const none =
    hitButNot ??
    (matchingRequests === 0
      ? `none of ${plural(requests, 'request')} matched`
      : `none of ${plural(matchingRequests, 'matching request')} was hit`);
  return { seen: 'unseen', summary: about(none), figures };
}
