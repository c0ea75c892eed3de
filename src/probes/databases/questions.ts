import type { Duration } from '../../model/duration.ts';
import { fillIn } from '../fill-in.ts';
import type { Database, Rows } from './database.ts';

/** Workloads write and read so many at once: sampling is open-loop, and a database in trouble answers late. */
const connections = 10;

/** A database and what it is asked, be it SQL or a command. */
export interface Questions {
  /** @param given what is filled in: letters, digits and hyphens only, which are safe in SQL */
  ask(given: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Rows>;
  failure: Database<unknown>['failure'];
  close(): Promise<void>;
}

/** One of these is given. */
export interface DatabaseWays {
  postgres?: { url: string; query: string };
  mysql?: { url: string; query: string };
  redis?: { url: string; command: string[] };
}

/** @throws when the URL says something that no connection can be made of */
export async function openQuestions({ postgres, mysql, redis }: DatabaseWays, timeout: Duration): Promise<Questions> {
  if (postgres) {
    const { openPostgres } = await import('./postgres.ts');
    return asking(await openPostgres(postgres.url, connections, timeout), postgres.query);
  }
  if (mysql) {
    const { openMysql } = await import('./mysql.ts');
    return asking(await openMysql(mysql.url, connections, timeout), mysql.query);
  }
  if (!redis) throw new Error('no database is given');
  const { openRedis } = await import('./redis.ts');
  return asking(await openRedis(redis.url, connections, timeout), redis.command);
}

const asking = <Question>(database: Database<Question>, question: Question): Questions => ({
  ask: (given, signal) => database.ask(fillIn(question, given), signal),
  failure: (error) => database.failure(error),
  close: () => database.close(),
});
