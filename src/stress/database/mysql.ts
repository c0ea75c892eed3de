import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { connectMs, type DatabaseServer } from './server.ts';

/** The server, a user, or a user within an hour, may have no more: ER_CON_COUNT_ERROR and its like. */
const tooMany: ReadonlySet<number> = new Set([1040, 1203, 1226]);
/** The longest that the server takes for `wait_timeout`. */
const longestSeconds = 31_536_000;

/** MySQL and MariaDB. A lock is held by a session, by `LOCK TABLES`. */
export const mysql: DatabaseServer = {
  async lock(table, { url, mode, waitMs, deadlineMs }) {
    const [holder, watcher] = [await session(url), await session(url)];
    await expire(holder, deadlineMs);
    await holder.query('set session lock_wait_timeout = ?', [Math.ceil(waitMs / 1000)]);
    const path = table.split('.');
    await holder.query(`lock tables ${path.map(quoted).join('.')} ${mode === 'READ' ? 'read' : 'write'}`);
    const name = path.at(-1)!;
    const [here] = await rows(holder, 'select connection_id() as id, database() as schema_name');
    return {
      // Nothing that every server has says whom a session waits for: its statement has to name the table.
      async waiting() {
        const found = await rows(
          watcher,
          `select id from information_schema.processlist
            where state rlike '^Waiting for table( metadata| level)? lock$' and locate(lower(?), lower(info)) > 0`,
          [name],
        );
        return found.map(({ id }) => Number(id));
      },
      async isHeld() {
        const schema = path.length > 1 ? path[0] : here!.schema_name;
        const alive = await rows(watcher, 'select id from information_schema.processlist where id = ?', [here!.id]);
        const used = await rows(
          watcher,
          'show open tables where lower(`Database`) = lower(?) and lower(`Table`) = lower(?) and In_use > 0',
          [schema, name],
        );
        return alive.length > 0 && used.length > 0;
      },
    };
  },

  async connect(url, deadlineMs) {
    const client = await session(url);
    await expire(client, deadlineMs);
    let isOpen = true;
    const over = () => {
      isOpen = false;
    };
    client.on('end', over).on('error', over);
    return { isOpen: () => isOpen, end: () => client.end() };
  },

  isFull: (error) => tooMany.has((error as { errno?: number }).errno ?? 0),
};

/** The server itself ends a session that is silent for so long, and not before. */
async function expire(client: Connection, deadlineMs: number | undefined): Promise<void> {
  if (deadlineMs === undefined) return;
  await client.query('set session wait_timeout = ?', [Math.min(longestSeconds, Math.ceil(deadlineMs / 1000))]);
}

async function rows(client: Connection, sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
  const [found] = await client.query<RowDataPacket[]>(sql, values);
  return found;
}

async function session(url: string): Promise<Connection> {
  const client = await createConnection({
    uri: url,
    connectTimeout: connectMs,
    connectAttributes: { program_name: 'chaos' },
  });
  client.on('error', () => undefined); // the report says that it is gone
  return client;
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
