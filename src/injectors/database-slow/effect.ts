import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { plural } from '../../text/plural.ts';
import { blindness, untouched } from '../proxied-database.ts';

/**
 * What the slowing did, from what the proxy counted. `serverMs` and `clientMs` are means of a query, over those that
 * were held to their end; `errorMs` is how much later than they should they ended. `null`: there was none.
 */
export function slowEffect(counters: ProxyCounters, asked: { factor: number } | { delayMs: number }): Effect {
  const count = (name: string): number => counters[name] ?? 0;
  const queries = count('queries');
  const slowed = count('slowedQueries');
  const mean = (name: string) => (slowed > 0 ? count(name) / slowed : null);
  const serverMs = mean('serverMs');
  const clientMs = mean('clientMs');
  const ratio = serverMs !== null && clientMs !== null && serverMs > 0 ? clientMs / serverMs : null;
  const figures = {
    queries,
    slowedQueries: slowed,
    cutShortQueries: count('cutShortQueries'),
    ...asked,
    ratio,
    serverMs,
    clientMs,
    serverMaxMs: count('serverMaxMs'),
    clientMaxMs: count('clientMaxMs'),
    errorMs: mean('errorMs'),
    errorMaxMs: count('errorMaxMs'),
    ...untouched(counters),
  };
  const blind = blindness(counters);
  if (queries === 0)
    return { seen: 'unseen', summary: ['no query passed while it was in force', ...blind].join('; '), figures };
  const times = (server: number, client: number) => `(server ${server.toFixed(1)} ms, client ${client.toFixed(1)} ms)`;
  const did =
    ratio === null || serverMs === null || clientMs === null
      ? `${plural(queries, 'query', 'queries')} held back, none to its end`
      : `${plural(slowed, 'query', 'queries')} slowed, ${'factor' in asked ? `${ratio.toFixed(1)} ×` : `${(clientMs - serverMs).toFixed(1)} ms longer`} on average ${times(serverMs, clientMs)}`;
  return { seen: 'seen', summary: [did, ...blind].join('; '), figures };
}
