import pg from 'pg';
import { connectMs, type DatabaseServer } from './server.ts';

/** SQLSTATE for a server, a database or a role that takes no more connections. */
const tooMany = '53300';

/** A lock is held in a transaction of its own. */
export const postgres: DatabaseServer = {
  async lock(table, { url, mode, waitMs, deadlineMs }) {
    const [holder, watcher] = [await session(url), await session(url)];
    if (deadlineMs !== undefined)
      await holder.query(`set idle_in_transaction_session_timeout = ${Math.round(deadlineMs)}`); // the server lifts it itself
    await holder.query('begin');
    await holder.query(`set local lock_timeout = ${waitMs}`);
    await holder.query(`lock table ${quoted(table)} in ${mode} mode`);
    const { rows } = await holder.query<{ pid: number }>('select pg_backend_pid() as pid');
    const holderPid = rows[0]!.pid;
    return {
      async waiting() {
        const { rows } = await watcher.query<{ pid: number }>(
          'select pid from pg_stat_activity where $1 = any(pg_blocking_pids(pid))',
          [holderPid],
        );
        return rows.map(({ pid }) => pid);
      },
      async isHeld() {
        const { rows } = await watcher.query(
          'select granted from pg_locks where pid = $1 and relation is not null and granted',
          [holderPid],
        );
        return rows.length > 0;
      },
    };
  },

  async connect(url) {
    const client = await session(url);
    let isOpen = true;
    client.once('end', () => {
      isOpen = false;
    });
    return { isOpen: () => isOpen, end: () => client.end() };
  },

  isFull: (error) => (error as { code?: string }).code === tooMany,
};

async function session(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'chaos',
    connectionTimeoutMillis: connectMs,
  });
  client.on('error', () => undefined); // the report says that it is gone
  await client.connect();
  return client;
}

/** `shop.orders`, each part as it is written. */
const quoted = (table: string): string =>
  table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
