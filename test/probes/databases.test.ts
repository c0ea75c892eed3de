import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { ProbeSession } from '../../src/model/probe.ts';
import { probeKindNamed } from '../../src/probes/registry.ts';
import { connectToMariadb, startMariadb } from '../proxy/support/mariadb.ts';
import { redisCli, startRedis } from '../proxy/support/redis.ts';
import { dial, promised, serve } from '../proxy/support/rig.ts';
import type { RunningServer } from '../proxy/support/server.ts';
import { has, needs } from '../support/needs.ts';
import { closedPort } from './support/http-server.ts';
import { ask, open } from './support/open.ts';

let maria: RunningServer;
let redis: RunningServer;
beforeAll(async () => {
  if (has('mariadb')) maria = await startMariadb();
  if (has('redis')) redis = await startRedis();
}, 60_000);
afterAll(() => Promise.all([maria?.stop(), redis?.stop()]));

const never = () => new AbortController().signal;

/** A connection that broke a moment ago may cost one sample. */
async function untilGood(session: ProbeSession): Promise<void> {
  for (;;) {
    const answer = await session.sample(never());
    if ('good' in answer && answer.good) return;
  }
}

describe('mysql', () => {
  const mysqlUrl = (port = maria.port, user = 'shop') => `mysql://${user}@127.0.0.1:${port}/shop`;

  it.for([
    ['select 1', 1],
    ['select 0.50', 0.5],
    ['select 9007199254740993', '9007199254740993'],
    ['select 1 = 1', true],
    ['select 1 = 2', false],
    ["select 'ready'", 'ready'],
    ["select date '2026-02-03'", '2026-02-03'],
  ] as const)('%s has the value %j', async ([query, value], context) => {
    needs(context, 'mariadb');
    context.expect(await ask('mysql', { url: mysqlUrl(), query }, { value })).toEqual({ good: true });
  });

  it('counts rows; a null equals nothing; what changes something has none', async (context) => {
    needs(context, 'mariadb');
    const url = mysqlUrl();
    const query = 'select 1 union select 2';
    context.expect(await ask('mysql', { url, query }, { rows: 2 })).toEqual({ good: true });
    const three = await ask('mysql', { url, query }, { rows: 3 });
    context.expect(three).toEqual({ good: false, reason: '2 rows, expected 3' });
    const none = await ask('mysql', { url, query: 'select null' }, { value: 0 });
    context.expect(none).toEqual({ good: false, reason: 'null, expected 0' });
    context.expect(await ask('mysql', { url, query: 'do 1' }, { rows: 0 })).toEqual({ good: true });
  });

  it('says what the server says, and never a password', async (context) => {
    needs(context, 'mariadb');
    const missing = await ask('mysql', { url: mysqlUrl(), query: 'select * from orders' });
    context.expect(missing).toEqual({ good: false, reason: "ERROR 1146 (42S02): Table 'shop.orders' doesn't exist" });
    const told = await ask('mysql', { url: mysqlUrl(maria.port, 'nobody:hunter2'), query: 'select 1' });
    context.expect(told).toMatchObject({ good: false, reason: expect28000 });
    const port = await closedPort();
    const refused = await ask('mysql', { url: mysqlUrl(port, 'shop:hunter2') });
    context.expect(refused).toEqual({ good: false, reason: `connection refused 127.0.0.1:${port}` });
  });
  const expect28000 = "ERROR 1045 (28000): Access denied for user 'nobody'@'127.0.0.1' (using password: YES)";

  it('sends one statement, not several', async (context) => {
    needs(context, 'mariadb');
    const answer = await ask('mysql', { url: mysqlUrl(), query: 'select 1; drop table orders' });
    context.expect(answer).toMatchObject({ good: false });
  });

  it('keeps its connection, and makes a new one after the server has ended it', async (context) => {
    needs(context, 'mariadb');
    const session = await open('mysql', { url: mysqlUrl() });
    const admin = await connectToMariadb(maria.port);
    const mine = async (): Promise<number[]> => {
      const [rows] = await admin.query(
        "select id from information_schema.processlist where id <> connection_id() and user = 'shop'",
      );
      return (rows as { id: number }[]).map(({ id }) => id);
    };
    for (let round = 0; round < 3; round += 1) await untilGood(session);
    const before = await mine();
    context.expect(before).toHaveLength(1);
    await admin.query(`kill ${before[0]}`);
    await untilGood(session);
    context.expect(await mine()).not.toEqual(before);
    await session.close();
    while ((await mine()).length > 0) await new Promise(setImmediate);
    await admin.end();
  });
});

describe('redis', () => {
  const redisUrl = (more = '') => `redis://${more}127.0.0.1:${redis.port}/0`;

  it.for([
    [['PING'], { value: 'PONG' }],
    [['GET', 'nothing'], { rows: 0 }],
    [['DEL', 'nothing'], { value: 0 }],
    [['ECHO', '7'], { value: 7 }],
    [['LRANGE', 'three', '0', '-1'], { rows: 3, value: 'a' }],
    [['CONFIG', 'GET', 'maxclients'], { rows: 2, value: 'maxclients' }],
  ] as [string[], JsonObject][])('%j answers %j', async ([command, expected], context) => {
    needs(context, 'redis');
    await redisCli(redis.port, 'DEL', 'three');
    await redisCli(redis.port, 'RPUSH', 'three', 'a', 'b', 'c');
    context.expect(await ask('redis', { url: redisUrl(), command }, expected)).toEqual({ good: true });
  });

  it('says what the server says, and never a password', async (context) => {
    needs(context, 'redis');
    const unknown = await ask('redis', { url: redisUrl(), command: ['NONSENSE'] });
    context.expect(unknown).toMatchObject({ good: false, reason: context.expect.stringMatching(/^ERROR: .*NONSENSE/) });
    const told = await ask('redis', { url: redisUrl(), command: ['ECHO', 'no'] }, { value: 'yes' });
    context.expect(told).toEqual({ good: false, reason: '"no", expected "yes"' });
    const wrong = await ask('redis', { url: redisUrl('nobody:hunter2@'), command: ['PING'] });
    context.expect(wrong).toMatchObject({ good: false, reason: context.expect.stringContaining('WRONGPASS') });
    const port = await closedPort();
    const refused = await ask('redis', { url: `redis://:hunter2@127.0.0.1:${port}` });
    context.expect(refused).toEqual({ good: false, reason: `connection refused 127.0.0.1:${port}` });
  });

  it('makes a new connection after the server has ended the one that it kept', async (context) => {
    needs(context, 'redis');
    const session = await open('redis', { url: redisUrl() });
    await untilGood(session);
    await redisCli(redis.port, 'CLIENT', 'KILL', 'TYPE', 'normal');
    await untilGood(session);
    await session.close();
  });
});

describe.each(['mysql', 'redis'])('%s', (kind) => {
  it('cuts the connection when its time is up, to a server that is silent as well', async (context) => {
    const connected = promised<void>();
    // Of the two only Redis' client speaks first.
    const silent = await serve((socket) =>
      kind === 'redis' ? socket.once('data', () => connected.resolve()) : connected.resolve(),
    );
    const session = await open(kind, { url: `${kind}://shop@127.0.0.1:${silent.port}/0`, connections: 1 });
    const limit = new AbortController();
    const first = session.sample(limit.signal);
    await connected.promise;
    const [socket] = silent.sockets;
    const cut = Promise.race([once(socket!.resume(), 'end'), once(socket!, 'close')]);
    limit.abort();
    context.expect(await first).toMatchObject({ good: false });
    await cut;
    await session.close();
    await silent.close();
  });

  it('works through a link that was cut and is whole again', async (context) => {
    needs(context, kind === 'mysql' ? 'mariadb' : 'redis');
    let isCut = false;
    const link = await serve(async (client) => {
      if (isCut) return client.destroy();
      const upstream = await dial(kind === 'mysql' ? maria.port : redis.port);
      client.pipe(upstream).pipe(client);
    });
    const session = await open(kind, {
      url: kind === 'mysql' ? `mysql://shop@127.0.0.1:${link.port}/shop` : `redis://127.0.0.1:${link.port}`,
    });
    await untilGood(session);
    isCut = true;
    for (const socket of link.sockets) socket.destroy();
    context.expect(await session.sample(never())).toMatchObject({ good: false });
    isCut = false;
    await untilGood(session);
    await session.close();
    await link.close();
  });
});

it.each(['mysql', 'redis', 'postgres'])('%s refuses a URL that nobody can read', (kind) => {
  const refusal = (url: string) => probeKindNamed(kind)!.refuses!({ url, command: ['PING'] } as never, {} as never);
  expect(refusal(`${kind}://shop:hunt%er2@h/0`)).toBe(
    `in the connection URL of this ${kind} probe a % begins nothing: write it as %25`,
  );
  expect(refusal(`${kind}://:x:y@[`)).toBe(`the connection URL of this ${kind} probe is not a URL`);
  expect(refusal(`${kind}://shop:\${secret.PASSWORD}@h/\${run}`)).toBeUndefined();
});
