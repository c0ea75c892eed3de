import type { Effect, ProxyCounters } from '../../model/fault.ts';

/**
 * What the slowing did, from what the proxy counted. `serverMs` and `clientMs` are means of a query, over those that
 * were held to their end; `errorMs` is how much later than their multiple they ended. `null`: there was none.
 */
export function slowEffect(counters: ProxyCounters, factor: number): Effect {
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
    factor,
    ratio,
    serverMs,
    clientMs,
    serverMaxMs: count('serverMaxMs'),
    clientMaxMs: count('clientMaxMs'),
    errorMs: mean('errorMs'),
    errorMaxMs: count('errorMaxMs'),
    encryptedConnections: count('encryptedConnections'),
    replicationConnections: count('replicationConnections'),
    malformedConnections: count('malformedConnections'),
  };
  const blind = blindness(figures);
  if (queries === 0)
    return { seen: 'unseen', summary: ['no query passed while it was in force', ...blind].join('; '), figures };
  const did =
    ratio === null || serverMs === null || clientMs === null
      ? `${plural(queries, 'query', 'queries')} held back, none to its end`
      : `${plural(slowed, 'query', 'queries')} slowed, ${ratio.toFixed(1)} × on average (server ${serverMs.toFixed(1)} ms, client ${clientMs.toFixed(1)} ms)`;
  return { seen: 'seen', summary: [did, ...blind].join('; '), figures };
}

function blindness(
  figures: Record<'encryptedConnections' | 'replicationConnections' | 'malformedConnections', number>,
) {
  const said: string[] = [];
  const about = (count: number, what: string) => {
    if (count > 0) said.push(`${plural(count, 'connection', 'connections')} passed untouched: ${what}`);
  };
  about(figures.encryptedConnections, 'cannot see inside TLS (connect with sslmode=disable)');
  about(figures.replicationConnections, 'replication is no query');
  about(figures.malformedConnections, 'this is not the PostgreSQL protocol');
  return said;
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
