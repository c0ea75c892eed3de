import type { Connection, QueryError } from 'mysql2';
import type { Duration } from '../../model/duration.ts';
import { networkFailure } from '../reasons/network.ts';
import { oneLine } from '../reasons/one-line.ts';
import { openConnections } from './connections.ts';
import { type Database, passwordIn, type Rows, withoutSecret } from './database.ts';

/**
 * MySQL and MariaDB.
 * @param most connections at once
 * @param timeout how long connecting may take
 * @throws when the URL is none
 */
export async function openMysql(url: string, most: number, timeout: Duration): Promise<Database<string>> {
  const { createConnection } = (await import('mysql2')).default;
  const make = () => {
    const client = createConnection({
      uri: url,
      connectTimeout: timeout,
      rowsAsArray: true,
      typeCast: (field) => field.string(),
      connectAttributes: { program_name: 'chaos' },
    });
    return {
      client,
      connect: () => called((done) => client.connect(done)),
      onBroken: (listener: (why?: Error) => void) => void client.on('error', listener).on('end', () => listener()),
      end: () => called((done) => client.end(done)),
      cut: () => client.destroy(),
    };
  };
  const { hostname, port } = new URL(url);
  const secret = passwordIn(url);
  const where = `${hostname}:${port || 3306}`;
  const connections = openConnections(make, most);
  return {
    ask: (question, signal) => connections.use(signal, (client) => rowsOf(client, question)),
    failure: (error) => withoutSecret(failure(error, where), secret),
    close: () => connections.close(),
  };
}

function rowsOf(client: Connection, sql: string): Promise<Rows> {
  return new Promise((resolve, reject) => {
    client.query(sql, (error: QueryError | null, rows: unknown) => {
      // What changes something answers with how much of it, and no rows.
      if (error) reject(error);
      else resolve(Array.isArray(rows) ? (rows as Rows) : []);
    });
  });
}

const called = (start: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));

function failure(error: unknown, where: string) {
  const { errno, sqlState, sqlMessage } = error as Partial<QueryError> & { sqlMessage?: string };
  if (sqlState !== undefined)
    return { good: false as const, reason: oneLine(`ERROR ${errno} (${sqlState}): ${sqlMessage}`) };
  return networkFailure(error, where);
}
