import { defineFault } from '../../model/fault.ts';
import { number } from '../../model/field.ts';
import { proxyBegun, proxyEnded } from '../through-proxy.ts';
import { slowEffect } from './effect.ts';

/** A database behind a proxied link answers as if it were so many times slower. */
export const databaseSlow = defineFault({
  name: 'database-slow',
  summary: 'Every query on a proxied PostgreSQL link takes a multiple of what it really takes',
  description: `Reads the PostgreSQL protocol on the link and holds back the end of each answer until the query took
\`factor\` times as long as the server really took for it: an index lookup stays quick among slow ones, a report becomes
unbearable. It resembles a server whose disk or CPU is taken away by somebody else, a lost index, a cold cache.

Each statement counts by itself, those of a multi-statement query and pipelined ones as well; a query that was sent ahead
begins when the one before it ended. Rows pass as they come and their end waits. The client's own time is never
multiplied; starting a session, preparing a statement, \`COPY\`, notices and cancellation are not slowed. What waits when
the fault is lifted goes on at once.

It cannot see into encrypted connections, which pass untouched and are counted: connect with \`sslmode=disable\`, as
the link is local. Locks are held as briefly as before, since the server itself is as fast as ever.`,
  targets: ['proxy'],
  mechanism: () => ({
    by: 'the fault proxy, which reads the protocol of the database',
    cannot: 'what is encrypted passes untouched',
  }),
  parameters: {
    factor: number({
      description: 'How many times as long as it really takes every query takes for its client.',
      default: 10,
      exclusiveMinimum: 1,
      maximum: 1_000_000,
      examples: [3],
    }),
  },
  held: true,
  refuses(target) {
    if (target.kind !== 'proxy' || target.protocol === 'postgres') return undefined;
    return `"${target.id}" carries plain ${target.protocol}: add "protocol: postgres" under its "proxy", so that queries can be told apart`;
  },
  inject({ factor }, { id, target }) {
    if (!target) throw new Error('database-slow needs a target');
    return {
      inject: [{ op: 'proxy-add', target: target.id, fault: { id, kind: 'slow-query', settings: { factor } } }],
      undo: [{ op: 'proxy-remove', target: target.id, faultId: id }],
    };
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as queries pass'),
    total: async (sight, { factor }) => slowEffect(await sight.proxy(), factor),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'The database becomes ten times slower',
      step: { inject: 'database-slow', target: 'database-link', with: { factor: 10 }, for: '5s' },
    },
  ],
});
