import { Socket } from 'node:net';
import type { Client, QueryArrayResult } from 'pg';
import type { Duration } from '../../model/duration.ts';
import { networkFailure } from '../reasons/network.ts';
import { oneLine } from '../reasons/one-line.ts';
import { openConnections } from './connections.ts';
import { type Database, withoutSecret } from './database.ts';

/**
 * @param most connections at once
 * @param timeout when the server itself gives a statement up
 * @throws when the URL says something that no connection can be made of
 */
export async function openPostgres(url: string, most: number, timeout: Duration): Promise<Database<string>> {
  const { default: pg } = await import('pg');
  const make = () => {
    const socket = new Socket();
    const client = new pg.Client({
      connectionString: url,
      // Ours, so that it can be cut when time is up: the server then learns that nobody waits any more.
      stream: () => socket,
      statement_timeout: timeout,
      application_name: 'chaos',
    });
    return {
      client,
      connect: () => client.connect(),
      onBroken: (listener: (why?: Error) => void) => void client.on('error', listener).on('end', () => listener()),
      end: () => client.end(),
      cut: () => void socket.destroy(),
    };
  };
  const { client } = make();
  const where = `${client.host}:${client.port}`;
  const secret = client.password;
  const connections = openConnections(make, most);
  return {
    ask: (question, signal) => connections.use(signal, (client) => rowsOf(client, question)),
    failure: (error) => withoutSecret(failure(error, where), secret),
    close: () => connections.close(),
  };
}

type Result = QueryArrayResult<(string | null)[]>;

async function rowsOf(client: Client, text: string) {
  const types = { getTypeParser: () => (value: string) => value };
  const answer: Result | Result[] = await client.query<(string | null)[]>({ text, rowMode: 'array', types });
  // Several statements have several results; the last is the answer.
  return (Array.isArray(answer) ? answer.at(-1)! : answer).rows;
}

/** What the server says has a code of five characters (`57P03`); all else is the network's. */
function failure(error: unknown, where: string) {
  const { severity, code, message } = error as { severity?: string; code?: string; message: string };
  if (severity !== undefined) return { good: false as const, reason: oneLine(`${severity}: ${message} (${code})`) };
  return networkFailure(error, where);
}
