import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProbeSession } from '../../src/model/probe.ts';
import { connectTo, type Postgres, startPostgres } from '../proxy/support/postgres.ts';
import { dial, promised, serve } from '../proxy/support/rig.ts';
import { closedPort } from './support/http-server.ts';
import { ask, open } from './support/open.ts';

let database: Postgres;
let url: string;
beforeAll(async () => {
  database = await startPostgres();
  url = `postgres://shop:hunter2@127.0.0.1:${database.port}/postgres`;
});
afterAll(() => database.stop());

const never = () => new AbortController().signal;

it('is good when the server answers', async () => {
  expect(await ask('postgres', { url })).toEqual({ good: true });
});

it('may count rows, and look at the first value', async () => {
  const query = 'select * from generate_series(7, 9)';
  expect(await ask('postgres', { url, query }, { rows: 3, value: 7 })).toEqual({ good: true });
  expect(await ask('postgres', { url, query }, { rows: 2 })).toEqual({ good: false, reason: '3 rows, expected 2' });
  expect(await ask('postgres', { url, query }, { value: 8 })).toEqual({ good: false, reason: '"7", expected 8' });
  expect(await ask('postgres', { url, query: 'select 1 where false' }, { value: 1 })).toEqual({
    good: false,
    reason: 'no row, expected 1',
  });
});

it.each([
  ['select count(*) from generate_series(1, 5)', 5],
  ['select 0.50::numeric', 0.5],
  ['select 9007199254740993', '9007199254740993'],
  ['select 1 = 1', true],
  ['select 1 = 2', false],
  ["select 'ready'", 'ready'],
  ['select 1; select 2', 2],
])('%s has the value %j', async (query, value) => {
  expect(await ask('postgres', { url, query }, { value })).toEqual({ good: true });
});

it('a null equals nothing', async () => {
  expect(await ask('postgres', { url, query: 'select null' }, { value: 0 })).toEqual({
    good: false,
    reason: 'null, expected 0',
  });
});

it('says what the server says, in one line', async () => {
  expect(await ask('postgres', { url, query: 'select * from orders' })).toEqual({
    good: false,
    reason: 'ERROR: relation "orders" does not exist (42P01)',
  });
  const nobody = `postgres://nobody:hunter2@127.0.0.1:${database.port}/shop`;
  expect(await ask('postgres', { url: nobody })).toMatchObject({
    good: false,
    reason: expect.stringMatching(/^FATAL: role "nobody" does not exist \(\w{5}\)$/),
  });
});

it('says when nothing listens, and never a password', async () => {
  const port = await closedPort();
  expect(await ask('postgres', { url: `postgres://shop:hunter2@127.0.0.1:${port}/shop` })).toEqual({
    good: false,
    reason: `connection refused 127.0.0.1:${port}`,
  });
  const query = "select 'hunter2'::int";
  const { reason } = (await ask('postgres', { url, query })) as { reason: string };
  expect(reason).toContain('invalid input syntax');
  expect(reason).not.toContain('hunter2');
});

it('says when a server hangs up, and when it speaks something else', async () => {
  const silent = await serve((socket) => socket.once('data', () => socket.end()));
  const other = await serve((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  for (const { port } of [silent, other])
    expect(await ask('postgres', { url: `postgres://shop@127.0.0.1:${port}/shop` })).toMatchObject({ good: false });
  await silent.close();
  await other.close();
});

it('keeps its connection, and makes a new one after the server has ended it', async () => {
  const session = await open('postgres', { url, query: 'select pg_backend_pid()' }, { rows: 1 });
  const admin = await connectTo(database.port);
  const backends = async (): Promise<number[]> => {
    const { rows } = await admin.query("select pid from pg_stat_activity where application_name = 'chaos'");
    return rows.map(({ pid }) => pid);
  };
  for (let round = 0; round < 3; round += 1) expect(await session.sample(never())).toEqual({ good: true });
  const before = await backends();
  expect(before).toHaveLength(1);
  await admin.query('select pg_terminate_backend($1)', [before[0]]);
  while ((await backends()).length > 0) await new Promise(setImmediate);
  await untilGood(session);
  const after = await backends();
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
  await session.close();
  while ((await backends()).length > 0) await new Promise(setImmediate);
  await admin.end();
});

it('ten questions at once do not wait for each other; the eleventh waits for a connection', async () => {
  const session = await open('postgres', { url, query: 'select pg_sleep(0.2)' });
  const order: number[] = [];
  const sample = (number: number) => session.sample(never()).then(() => order.push(number));
  await Promise.all(Array.from({ length: 11 }, (_, number) => sample(number)));
  expect(order.at(-1)).toBe(10);
  const admin = await connectTo(database.port);
  const { rows } = await admin.query("select count(*)::int from pg_stat_activity where application_name = 'chaos'");
  expect(rows[0].count).toBe(10);
  await admin.end();
  await session.close();
});

it('cuts the connection when its time is up, to a server that is silent as well', async () => {
  const connected = promised<void>();
  const silent = await serve(() => connected.resolve());
  const session = await open('postgres', { url: `postgres://shop@127.0.0.1:${silent.port}/shop`, connections: 1 });
  const limit = new AbortController();
  const first = session.sample(limit.signal);
  await connected.promise;
  const inQueue = new AbortController();
  const second = session.sample(inQueue.signal);
  inQueue.abort();
  expect(await second).toMatchObject({ good: false });
  const [socket] = silent.sockets;
  const cut = once(socket!.resume(), 'end');
  limit.abort();
  expect(await first).toMatchObject({ good: false });
  await cut;
  await session.close();
  await silent.close();
});

it('works through a link that was cut and is whole again', async () => {
  let isCut = false;
  const link = await serve(async (client) => {
    if (isCut) return client.destroy();
    const upstream = await dial(database.port);
    client.pipe(upstream).pipe(client);
  });
  const session = await open('postgres', { url: `postgres://shop@127.0.0.1:${link.port}/postgres` });
  expect(await session.sample(never())).toEqual({ good: true });
  isCut = true;
  for (const socket of link.sockets) socket.destroy();
  expect(await session.sample(never())).toMatchObject({ good: false });
  isCut = false;
  await untilGood(session);
  await session.close();
  await link.close();
});

/** A connection that broke a moment ago may cost one sample. */
async function untilGood(session: ProbeSession): Promise<void> {
  for (;;) {
    const answer = await session.sample(never());
    if ('good' in answer && answer.good) return;
  }
}
