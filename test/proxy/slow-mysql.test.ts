import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { has, needs } from '../support/needs.ts';
import { connectToMariadb, mariadbCli, startMariadb } from './support/mariadb.ts';
import { type Rig, startRig } from './support/rig.ts';
import type { RunningServer } from './support/server.ts';

let rig: Rig;
let database: RunningServer;
let port: number;
let faults = 0;

beforeEach((context) => needs(context, 'mariadb'));
beforeAll(async () => {
  if (!has('mariadb')) return;
  [rig, database] = await Promise.all([startRig(), startMariadb({ tls: true })]);
  port = await rig.link('mariadb', database.port, 'mysql');
}, 60_000);
afterAll(async () => {
  await rig?.stop();
  await database?.stop();
});

/** Slows MariaDB while `work` is done. @returns what the proxy counted */
async function slowed(settings: JsonObject, work: () => Promise<void>) {
  faults += 1;
  const id = `slow-${faults}`;
  await rig.control.add('mariadb', { id, kind: 'slow-query', settings: { factor: 1, ...settings } });
  try {
    await work();
  } finally {
    await rig.control.remove('mariadb', id);
  }
  return rig.control.counters('mariadb', id);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

test.each<[string, (client: Connection) => Promise<unknown>]>([
  ['a query', (client) => client.query('select sleep(0.02)')],
  ['a prepared statement', (client) => client.execute('select sleep(?)', [0.02])],
  [
    'a query that fails',
    (client) => client.query('select sleep(0.02) union select * from none').catch(() => client.query('do sleep(0.02)')),
  ],
])('%s takes its multiple, and no other time of the client does', async (_, ask) => {
  const client = await connectToMariadb(port);
  const counters = await slowed({ factor: 10 }, async () => {
    for (let round = 0; round < 2; round += 1) {
      expect(await timed(() => ask(client))).toBeGreaterThanOrEqual(200);
      await new Promise((resolve) => setTimeout(resolve, 100)); // the client's own time
    }
  });
  expect(counters.malformedConnections).toBe(0);
  expect(counters.clientMs! / counters.serverMs!).toBeGreaterThanOrEqual(10);
  await client.end();
});

test('each result of several statements, and of a procedure, counts by itself', async () => {
  const client = await connectToMariadb(port);
  await client.query('create or replace procedure two() begin select 1; select sleep(0.01); end');
  const counters = await slowed({ factor: 10 }, async () => {
    expect(await timed(() => client.query('do sleep(0.01); select 1; do 1'))).toBeGreaterThanOrEqual(100);
    expect(await timed(() => client.query('call two()'))).toBeGreaterThanOrEqual(100);
  });
  expect(counters).toMatchObject({ queries: 6, slowedQueries: 6, malformedConnections: 0 });
  await client.end();
});

test('only the statements that are meant take longer, prepared ones as well', async () => {
  const client = await connectToMariadb(port);
  await client.query('create or replace table orders (id int)');
  const counters = await slowed(
    { delayMs: 100, statements: ['insert into orders', 'select * from orders'] },
    async () => {
      await client.query('select 1');
      expect(await timed(() => client.query('INSERT  INTO orders values (1)'))).toBeGreaterThanOrEqual(100);
      expect(await timed(() => client.execute('select id from orders where id = ?', [1]))).toBeGreaterThanOrEqual(100);
      await client.execute('select ?', [1]);
    },
  );
  expect(counters).toMatchObject({ queries: 2, slowedQueries: 2, malformedConnections: 0 });
  await client.end();
});

test('what is no query keeps its pace', async () => {
  const client = await connectToMariadb(port);
  const counters = await slowed({ delayMs: 10_000 }, async () => {
    await client.ping();
    await client.changeUser({ user: 'shop', database: 'shop' });
    await client.prepare('select ?, ?').then((statement) => statement.close());
    await (await connectToMariadb(port)).end();
  });
  expect(counters).toMatchObject({ queries: 0, malformedConnections: 0 });
  await client.end();
});

test("a local file is loaded at the client's pace, and queries after it are slowed as before", async () => {
  const client = await connectToMariadb(port);
  await client.query('create or replace table loaded (line text)');
  const counters = await slowed({ factor: 100 }, async () => {
    const lines = async function* () {
      for (let line = 0; line < 400; line += 1) yield Buffer.from(`${line} ${'x'.repeat(1000)}\n`);
      await new Promise((resolve) => setTimeout(resolve, 100)); // would be 10 s
    };
    await client.query({
      sql: "load data local infile 'lines' into table loaded",
      infileStreamFactory: () => Readable.from(lines()),
    });
    expect(await timed(() => client.query('do sleep(0.01)'))).toBeGreaterThanOrEqual(1000);
  });
  expect(counters).toMatchObject({ queries: 1, malformedConnections: 0 });
  const [rows] = await client.query('select count(*) as n from loaded');
  expect(rows).toEqual([{ n: 400 }]);
  await client.end();
});

test('a large result, of rows longer than a packet, streams through whole', async () => {
  const direct = await connectToMariadb(database.port);
  await direct.query('set global max_allowed_packet = 1073741824');
  const sql = "select repeat('abcdefg', 2500000) as a, 1 as b union all select 'end', seq from seq_1_to_1000";
  const hash = async (one: Connection) => {
    const [rows] = await one.query<RowDataPacket[]>(sql);
    expect(rows[0]!.a.length).toBe(17_500_000);
    return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
  };
  const [late, early] = [await connectToMariadb(port), await connectToMariadb(database.port)];
  const counters = await slowed({ delayMs: 20 }, async () => {
    expect(await hash(late)).toBe(await hash(early));
    expect(await timed(() => late.query('select 1'))).toBeGreaterThanOrEqual(20);
  });
  expect(counters).toMatchObject({ queries: 2, malformedConnections: 0 });
  await Promise.all([direct, late, early].map((one) => one.end()));
});

test.each([
  ['a compressed', { compress: true }, { compressedConnections: 1, encryptedConnections: 0 }],
  ['an encrypted', { ssl: { rejectUnauthorized: false } }, { compressedConnections: 0, encryptedConnections: 1 }],
])('%s connection passes untouched and is counted', async (_, options, counted) => {
  const client = await connectToMariadb(port, options);
  const counters = await slowed({ delayMs: 10_000 }, async () => {
    await client.query('select 1');
  });
  expect(counters).toMatchObject({ queries: 0, malformedConnections: 0, ...counted });
  await client.end();
});

test("MariaDB's own client sees the same, only later", async () => {
  const script = "select 1 as a, 'x' as b; select sleep(0.01); select 2; select * from none";
  const plain = await mariadbCli(database.port, script);
  const counters = await slowed({ factor: 20 }, async () => {
    expect(await timed(async () => expect(await mariadbCli(port, script)).toBe(plain))).toBeGreaterThanOrEqual(200);
  });
  expect(counters.queries).toBeGreaterThanOrEqual(4);
  expect(counters).toMatchObject({ malformedConnections: 0 });
});
