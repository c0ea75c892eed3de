import type { ProxyCounters } from '../model/fault.ts';
import { list, text } from '../model/field.ts';
import type { Target } from '../model/scenario.ts';
import { plural } from '../text/plural.ts';

/** Which statements on a link to a database are meant. */
export const statements = list(
  text({ description: 'How a statement begins.', minLength: 1, examples: ['update orders'] }),
)({
  description:
    'Only statements that begin like one of these, up to the end of a word: SQL as the client sends it, or a Redis command with its arguments. They may begin behind comments. `*` stands for anything; case and the amount of white space do not matter. What stands behind the first 1,000 bytes is not looked at.',
  optional: true,
  examples: [['select * from orders', 'update orders'], ['get cart:*']],
});

const databases: ReadonlySet<string> = new Set(['postgres', 'mysql', 'redis']);

/** @returns why statements cannot be told apart on this target */
export function refuseOtherThanDatabases(target: Target): string | undefined {
  if (target.kind !== 'proxy' || databases.has(target.protocol)) return undefined;
  return `"${target.id}" carries plain ${target.protocol}: add "protocol: postgres" (or mysql, or redis) under its "proxy", so that queries can be told apart`;
}

const reasons: Record<string, string> = {
  encryptedConnections: 'cannot see inside TLS (connect without it, as with sslmode=disable)',
  compressedConnections: 'cannot see inside compression (connect without it)',
  replicationConnections: 'replication is no query',
  subscriptionConnections: 'a subscription is no query',
  malformedConnections: 'this is not the protocol of the link',
};

/** How many connections passed untouched, by the reason. */
export const untouched = (counters: ProxyCounters): Record<string, number> =>
  Object.fromEntries(Object.keys(reasons).map((name) => [name, counters[name] ?? 0]));

/** Likewise, as sentences; none when there was none. */
export const blindness = (counters: ProxyCounters): string[] =>
  Object.entries(untouched(counters)).flatMap(([name, count]) =>
    count > 0 ? `${plural(count, 'connection')} passed untouched: ${reasons[name]}` : [],
  );
