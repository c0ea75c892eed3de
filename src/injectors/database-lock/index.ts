import { defineFault } from '../../model/fault.ts';
import { choice, text } from '../../model/field.ts';
import { databaseUrl, serverOf, unreadableUrl } from '../database-url.ts';
import { stressBegun, stressEnded } from '../stress.ts';
import { lockEffect } from './effect.ts';

const postgresModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;
const mysqlModes = ['READ', 'WRITE'] as const;
const allModes: readonly string[] = [...postgresModes, ...mysqlModes];

/** Somebody holds a lock and does not let go. */
export const databaseLock = defineFault({
  name: 'database-lock',
  summary: 'A table of a PostgreSQL, MySQL or MariaDB is locked, as by a migration or a forgotten transaction',
  description: `Opens a session, locks the table in \`mode\` (\`LOCK TABLE\` in a transaction on PostgreSQL, \`LOCK TABLES\` on MySQL and
MariaDB) and holds it. Statements that need a conflicting lock wait, and what waits behind them waits too. With
\`ACCESS EXCLUSIVE\`, the lock of most \`ALTER TABLE\`, or \`WRITE\`, nobody even reads; with \`READ\` nobody writes.

If the lock cannot be had within ten seconds, nothing is injected. The session ends with the process that holds it, and the
server ends a session whose holder is silent for too long by itself. That nobody waited for the lock proves nothing, and
the report says so. MySQL and MariaDB show it the sessions of other users only with the privilege \`PROCESS\`; there a session
counts as waiting for this lock when it waits for a lock on a table and its statement names this one.`,
  targets: [],
  mechanism: () => ({ by: 'a session of its own, which holds the lock' }),
  parameters: {
    url: databaseUrl,
    table: text({
      description: 'The table, with its schema if need be.',
      minLength: 1,
      examples: ['orders', 'shop.orders'],
    }),
    mode: choice([...postgresModes, ...mysqlModes])({
      description:
        'How it is locked: what conflicts with what stands in the manual of the database. `READ` and `WRITE` are of MySQL and MariaDB, the others of PostgreSQL. Without it, `ACCESS EXCLUSIVE` or `WRITE`.',
      optional: true,
    }),
  },
  held: true,
  contradiction({ url, mode }) {
    const unreadable = unreadableUrl(url);
    if (unreadable || typeof url !== 'string' || typeof mode !== 'string' || !allModes.includes(mode))
      return unreadable;
    const isPostgres = serverOf(url) === 'postgres';
    const modes: readonly string[] = isPostgres ? postgresModes : mysqlModes;
    if (modes.includes(mode)) return undefined;
    return `${isPostgres ? 'PostgreSQL' : 'MySQL and MariaDB'} cannot lock a table in mode ${mode}: expected one of ${modes.join(', ')}`;
  },
  inject({ url, table, mode }) {
    const how = mode ?? (serverOf(url) === 'postgres' ? 'ACCESS EXCLUSIVE' : 'WRITE');
    return {
      inject: [{ op: 'stress', work: { kind: 'database-lock', server: serverOf(url), url, table, mode: how } }],
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
    {
      title: 'A backup of MySQL lets nobody write orders',
      step: {
        inject: 'database-lock',
        with: { url: 'mysql://shop@127.0.0.1:3306/shop', table: 'orders', mode: 'READ' },
        for: '10s',
      },
    },
  ],
});
