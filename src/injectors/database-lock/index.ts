import { defineFault } from '../../model/fault.ts';
import { choice, text } from '../../model/field.ts';
import { databaseUrl } from '../database-url.ts';
import { stressBegun, stressEnded } from '../stress.ts';
import { lockEffect } from './effect.ts';

/** Somebody holds a lock and does not let go. */
export const databaseLock = defineFault({
  name: 'database-lock',
  summary: 'A table of a PostgreSQL is locked, as by a migration or a forgotten transaction',
  description: `Opens a transaction, locks the table in \`mode\` (\`LOCK TABLE\`) and holds it. Statements that need a conflicting lock wait,
and what waits behind them waits too. With \`ACCESS EXCLUSIVE\`, the lock of most \`ALTER TABLE\`, nobody even reads.

If the lock cannot be had within ten seconds, nothing is injected. The session ends with the process that holds it, and the
server ends a transaction whose holder is silent for too long by itself. That nobody waited for the lock proves nothing, and
the report says so.`,
  targets: [],
  mechanism: () => ({ by: 'a session of its own, which holds the lock' }),
  parameters: {
    url: databaseUrl,
    table: text({
      description: 'The table, with its schema if need be.',
      minLength: 1,
      examples: ['orders', 'shop.orders'],
    }),
    mode: choice([
      'ACCESS SHARE',
      'ROW SHARE',
      'ROW EXCLUSIVE',
      'SHARE UPDATE EXCLUSIVE',
      'SHARE',
      'SHARE ROW EXCLUSIVE',
      'EXCLUSIVE',
      'ACCESS EXCLUSIVE',
    ])({
      description: 'How it is locked: what conflicts with what stands in the PostgreSQL manual.',
      default: 'ACCESS EXCLUSIVE',
    }),
  },
  held: true,
  inject({ url, table, mode }) {
    return {
      inject: [{ op: 'stress', work: { kind: 'postgres-lock', url, table, mode } }],
      undo: [{ op: 'stop-stress' }],
    };
  },
  observe: {
    inForce: (sight) => stressBegun(sight, 'holding the lock'),
    total: async (sight) => lockEffect(await sight.report()),
    gone: stressEnded,
  },
  examples: [
    {
      title: 'A migration locks the orders for ten seconds',
      step: {
        inject: 'database-lock',
        with: { url: 'postgres://shop@127.0.0.1:5432/shop', table: 'orders' },
        for: '10s',
      },
    },
  ],
});
