import type { Client, ClientConfig } from 'pg';
import type { StressWork } from '../model/stress-work.ts';
import type { Report } from './report.ts';

const lockWaitMs = 10_000;
const lookEveryMs = 50;
const atOnce = 10;
/** SQLSTATE of PostgreSQL for a server, a database or a role that takes no more connections. */
const tooMany = '53300';

/**
 * Holds a lock on a table in a transaction of its own, and looks from a second session who waits for it.
 * @returns once the lock is held
 */
export async function holdLock(
  { url, table, mode }: Extract<StressWork, { kind: 'postgres-lock' }>,
  deadlineMs: number | undefined,
): Promise<Report> {
  const [holder, watcher] = [await session(url), await session(url)];
  if (deadlineMs !== undefined)
    await holder.query(`set idle_in_transaction_session_timeout = ${Math.round(deadlineMs)}`); // the server lifts it itself
  await holder.query('begin');
  await holder.query(`set local lock_timeout = ${lockWaitMs}`);
  await holder.query(`lock table ${quoted(table)} in ${mode} mode`);
  const { rows } = await holder.query<{ pid: number }>('select pg_backend_pid() as pid');
  const holderPid = rows[0]!.pid;

  const waited = new Set<number>();
  let mostAtOnce = 0;
  const look = async (): Promise<void> => {
    const waiting = await watcher.query<{ pid: number }>(
      'select pid from pg_stat_activity where $1 = any(pg_blocking_pids(pid))',
      [holderPid],
    );
    for (const { pid } of waiting.rows) waited.add(pid);
    mostAtOnce = Math.max(mostAtOnce, waiting.rows.length);
  };
  const watch = () => void look().then(() => setTimeout(watch, lookEveryMs), give);
  watch();
  return async () => {
    await look();
    const held = await watcher.query<{ granted: boolean }>(
      'select granted from pg_locks where pid = $1 and relation is not null and granted',
      [holderPid],
    );
    return { held: held.rows.length > 0 ? 1 : 0, sessionsThatWaited: waited.size, mostAtOnce };
  };
}

/**
 * Holds connections: so many, or all that there are.
 * @returns once they are held
 */
export async function holdConnections({
  url,
  connections,
}: Extract<StressWork, { kind: 'postgres-connections' }>): Promise<Report> {
  const held: Client[] = [];
  const wanted = connections === 'all' ? Number.POSITIVE_INFINITY : connections;
  let isFull = false;
  while (held.length < wanted && !isFull) {
    const batch = Array.from({ length: Math.min(atOnce, wanted - held.length) }, () => session(url));
    for (const one of await Promise.allSettled(batch)) {
      if (one.status === 'fulfilled') held.push(one.value);
      else if ((one.reason as { code?: string }).code === tooMany) isFull = true;
      else throw one.reason;
    }
  }
  if (held.length === 0) throw new Error('the server takes no more connections already');
  let open = held.length;
  for (const client of held)
    client.once('end', () => {
      open -= 1;
    });
  return async () => ({ held: open, refused: (await isRefused(url)) ? 1 : 0 });
}

async function isRefused(url: string): Promise<boolean> {
  try {
    await (await session(url)).end();
    return false;
  } catch (error) {
    return (error as { code?: string }).code === tooMany;
  }
}

async function session(url: string): Promise<Client> {
  const { default: pg } = await import('pg');
  const settings: ClientConfig = { connectionString: url, application_name: 'chaos', connectionTimeoutMillis: 10_000 };
  const client = new pg.Client(settings);
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

function give(error: Error): void {
  process.stderr.write(`${error.message}\n`);
}
