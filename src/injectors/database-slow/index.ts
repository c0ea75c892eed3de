import type { Duration } from '../../model/duration.ts';
import { defineFault } from '../../model/fault.ts';
import { duration, number } from '../../model/field.ts';
import { refuseOtherThanDatabases, statements } from '../proxied-database.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { slowEffect } from './effect.ts';

/** A database behind a proxied link answers as if it were slower. */
export const databaseSlow = defineFault({
  name: 'database-slow',
  summary: 'Queries on a proxied link to PostgreSQL, MySQL, MariaDB or Redis take a multiple of what they really take',
  description: `Reads the protocol of the database on the link and holds back the end of each answer until the query took
\`factor\` times as long as the server really took for it: an index lookup stays quick among slow ones, a report becomes
unbearable. It resembles a server whose disk or CPU is taken away by somebody else, a lost index, a cold cache. With
\`delay\` each query takes so much longer instead, however quick it is.

Each statement counts by itself, those of a multi-statement query and pipelined ones as well; a query that was sent ahead
begins when the one before it ended. Rows pass as they come and their end waits. The client's own time is never
multiplied; starting a session, preparing a statement, \`COPY\`, \`LOAD DATA LOCAL\`, notices and cancellation are not
slowed, nor are commands of Redis that wait for what others do (\`BLPOP\`, \`XREAD BLOCK\`, \`WAIT\`, …). What waits when
the fault is lifted goes on at once.

It cannot see into encrypted or compressed connections, which pass untouched and are counted: connect without TLS, as
the link is local. Replication, and what a Redis client hears from its first \`SUBSCRIBE\` or \`MONITOR\` on, passes
untouched and is counted too. Locks are held as briefly as before, since the server itself is as fast as ever.`,
  targets: ['proxy'],
  mechanism: () => ({
    by: 'the fault proxy, which reads the protocol of the database',
    cannot: 'what is encrypted passes untouched',
  }),
  parameters: {
    factor: number({
      description:
        'How many times as long as it really takes every query takes for its client, when no `delay` is given.',
      default: 10,
      exclusiveMinimum: 1,
      maximum: 1_000_000,
      examples: [3],
    }),
    delay: duration({
      description: 'How much longer every query takes, instead of a multiple.',
      optional: true,
      examples: ['200ms'],
    }),
    statements,
  },
  held: true,
  refuses: refuseOtherThanDatabases,
  contradiction(written) {
    return Object.hasOwn(written, 'factor') && Object.hasOwn(written, 'delay')
      ? '"factor" and "delay" both say how slow queries are: leave one of them out'
      : undefined;
  },
  inject({ factor, delay, statements }, { id, target }) {
    const settings = { factor: 1, ...pace(factor, delay), ...(statements ? { statements } : {}) };
    return throughProxy(target, { id, kind: 'slow-query', settings });
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as queries pass'),
    total: async (sight, { factor, delay }) => slowEffect(await sight.proxy(), pace(factor, delay)),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'The database becomes ten times slower',
      step: { inject: 'database-slow', target: 'database-link', with: { factor: 10 }, for: '5s' },
    },
    {
      title: 'Whoever writes orders waits a fifth of a second longer',
      step: {
        inject: 'database-slow',
        target: 'database-link',
        with: { delay: '200ms', statements: ['insert into orders', 'update orders'] },
        for: '10s',
      },
    },
  ],
});

const pace = (factor: number, delay: Duration | undefined): { factor: number } | { delayMs: number } =>
  delay === undefined ? { factor } : { delayMs: delay };
