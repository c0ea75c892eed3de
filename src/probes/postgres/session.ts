import { Socket } from 'node:net';
import type { Client, QueryArrayResult } from 'pg';
import type { Duration } from '../../model/duration.ts';
import type { Decoded } from '../../model/field.ts';
import type { Answer, ProbeSession } from '../../model/probe.ts';
import { networkFailure } from '../reasons/network.ts';
import { oneLine } from '../reasons/one-line.ts';
import { openConnections } from './connections.ts';
import type { postgresExpectation, postgresSettings } from './fields.ts';

type Expectation = Decoded<typeof postgresExpectation>;

/** @throws when the URL says something that no connection can be made of */
export async function openPostgres(
  { url, query, connections: most }: Decoded<typeof postgresSettings>,
  expect: Expectation,
  timeout: Duration,
): Promise<ProbeSession> {
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
    return { client, cut: () => void socket.destroy() };
  };
  const { client } = make();
  const where = `${client.host}:${client.port}`;
  const secret = client.password;
  const connections = openConnections(make, most);

  return {
    async sample(signal) {
      try {
        return judge(await connections.use(signal, (client) => ask(client, query)), expect);
      } catch (error) {
        return withoutSecret(failure(error, where), secret);
      }
    },
    close: () => connections.close(),
  };
}

type Rows = QueryArrayResult<(string | null)[]>;

/** Values arrive as the server writes them: what a type means is not ours to guess. */
function ask(client: Client, text: string): Promise<Rows> {
  const types = { getTypeParser: () => (value: string) => value };
  return client.query<(string | null)[]>({ text, rowMode: 'array', types });
}

function judge(answer: Rows | Rows[], expect: Expectation): Answer {
  // Several statements have several results; the last is the answer.
  const { rows } = Array.isArray(answer) ? answer.at(-1)! : answer;
  if (expect.rows !== undefined && rows.length !== expect.rows)
    return { good: false, reason: `${rows.length} rows, expected ${expect.rows}` };
  if (expect.value === undefined) return { good: true };
  if (rows.length === 0 || rows[0]!.length === 0)
    return { good: false, reason: oneLine(`no row, expected ${JSON.stringify(expect.value)}`) };
  const value = rows[0]![0]!;
  if (equals(value, expect.value)) return { good: true };
  return { good: false, reason: oneLine(`${JSON.stringify(value)}, expected ${JSON.stringify(expect.value)}`) };
}

function equals(written: string | null, expected: string | number | boolean): boolean {
  if (written === null) return false;
  if (typeof expected === 'boolean') return written === (expected ? 't' : 'f');
  return typeof expected === 'number' ? written.trim() !== '' && Number(written) === expected : written === expected;
}

/** What the server says has a code of five characters (`57P03`); all else is the network's. */
function failure(error: unknown, where: string): Exclude<Answer, { good: true }> {
  const { severity, code, message } = error as { severity?: string; code?: string; message: string };
  if (severity !== undefined) return { good: false, reason: oneLine(`${severity}: ${message} (${code})`) };
  return networkFailure(error, where);
}

function withoutSecret(answer: Exclude<Answer, { good: true }>, secret: unknown): Answer {
  if (typeof secret !== 'string' || secret === '') return answer;
  return { ...answer, reason: answer.reason.replaceAll(secret, '***') };
}
