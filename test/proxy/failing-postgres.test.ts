import type { Socket } from 'node:net';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { connectTo, type Postgres, startPostgres } from './support/postgres.ts';
import { dial, type Rig, startRig } from './support/rig.ts';
import * as wire from './support/wire.ts';

let rig: Rig;
let database: Postgres;
let port: number;
let direct: pg.Client;
let faults = 0;

beforeAll(async () => {
  [rig, database] = await Promise.all([startRig(), startPostgres()]);
  port = await rig.link('postgres', database.port, 'postgres');
  direct = await connectTo(database.port);
  await direct.query('create table orders (id int)');
});
afterAll(async () => {
  await direct.end();
  await rig.stop();
  await database.stop();
});

const deadlock = { of: 'statements', rate: 1, seed: 's', code: '40P01', state: 'HY000', message: 'deadlock detected' };

/** Lets statements fail while `work` is done. @returns what the proxy counted */
async function failing(settings: JsonObject, work: () => Promise<void>) {
  faults += 1;
  const id = `failure-${faults}`;
  await rig.control.add('postgres', { id, kind: 'query-failure', settings: { ...deadlock, ...settings } });
  try {
    await work();
  } finally {
    await rig.control.remove('postgres', id);
  }
  return rig.control.counters('postgres', id);
}

const isDeadlock = { code: '40P01', message: 'deadlock detected', severity: 'ERROR' };
const rows = async () => (await direct.query('select count(*)::int as n from orders')).rows[0].n;

test.each<[string, (client: pg.Client, text: string) => Promise<unknown>]>([
  ['a simple query', (client, text) => client.query(text)],
  ['a query with parameters', (client, text) => client.query(`${text} returning $1::int`, [1])],
  ['a prepared statement', (client, text) => client.query({ name: 'insert', text, values: [] })],
])('%s fails without reaching the server, and works again afterwards', async (_, ask) => {
  const client = await connectTo(port);
  const insert = 'insert into orders values (1)';
  const before = await rows();
  const counters = await failing({}, async () => {
    for (let round = 0; round < 3; round += 1) await expect(ask(client, insert)).rejects.toMatchObject(isDeadlock);
  });
  expect(counters).toMatchObject({ asked: 3, matching: 3, chosen: 3, failed: 3, malformedConnections: 0 });
  expect(await rows()).toBe(before);
  await ask(client, insert);
  expect(await rows()).toBe(before + 1);
  await client.end();
});

test('a transaction in which a statement failed is aborted, until it is rolled back', async () => {
  const client = await connectTo(port);
  const before = await rows();
  await failing({ statements: ['insert'] }, async () => {
    await client.query('begin');
    await client.query('select 1');
    await expect(client.query('insert into orders values (1)')).rejects.toMatchObject(isDeadlock);
    await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
    await client.query('rollback');
    await client.query('select 1');
  });
  expect(await rows()).toBe(before);
  await client.end();
});

test('only the statements that are meant fail, prepared ones as well', async () => {
  const client = await connectTo(port);
  const counters = await failing({ statements: ['select * from orders'] }, async () => {
    await client.query('select 1');
    await client.query('select $1::int', [1]);
    await expect(client.query('SELECT id  FROM orders where id = $1', [1])).rejects.toMatchObject(isDeadlock);
  });
  expect(counters).toMatchObject({ asked: 3, matching: 1, failed: 1 });
  await client.end();
});

test('which ones fail is drawn, the same way for the same seed', async () => {
  const client = await connectTo(port);
  const round = async () => {
    let pattern = '';
    await failing({ rate: 0.5, seed: 'dice' }, async () => {
      for (let index = 0; index < 40; index += 1)
        pattern += await client.query('select 1').then(
          () => '.',
          () => 'x',
        );
    });
    return pattern;
  };
  const first = await round();
  expect(first).toMatch(/x.*\..*x/);
  expect(await round()).toBe(first);
  await client.end();
});

test('of a pipeline with one Sync what stands behind a failed statement is skipped, and a later one goes on', async () => {
  const client = await openSession();
  const select = (sql: string) => [wire.parse(sql), wire.bind, wire.execute()];
  const counters = await failing({ statements: ['select 2'] }, async () => {
    client.write(Buffer.concat([...select('select 1'), ...select('select 2'), ...select('select 3'), wire.sync]));
    client.write(Buffer.concat([...select('select 4'), wire.sync]));
    expect(await untilReady(client, 2)).toBe('12DC12EZ12DCZ');
  });
  expect(counters).toMatchObject({ failed: 1, malformedConnections: 0 });
  client.destroy();
});

test('simple queries that were sent ahead are answered in order', async () => {
  const client = await openSession();
  await failing({ statements: ['select 2'] }, async () => {
    client.write(Buffer.concat(['select 1', 'select 2', 'select 3'].map(wire.query)));
    expect(await untilReady(client, 3)).toBe('TDCZEZTDCZ');
  });
  client.destroy();
});

test('statements that come in pieces fail as well, whatever stands before and behind them', async () => {
  const client = await openSession();
  const long = `select 2 /* ${'x'.repeat(5000)} */`;
  const bytes = Buffer.concat([wire.query('select 1'), wire.query(long), wire.query('select 3'), wire.query(long)]);
  await failing({ statements: ['select 2'] }, async () => {
    const answers = untilReady(client, 4);
    for (const piece of wire.pieces(bytes, [1, 3, 7, 19, 24, 30, 400, 1100, 3000, 5030, 5060])) {
      client.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await answers).toBe('TDCZEZTDCZEZ');
  });
  client.write(wire.query(long));
  expect(await untilReady(client, 1)).toBe('TDCZ');
  client.destroy();
});

test('a fault that comes in the middle of a message begins with the next', async () => {
  const client = await openSession();
  const query = wire.query('select 1');
  client.write(query.subarray(0, 8));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const counters = await failing({}, async () => {
    client.write(Buffer.concat([query.subarray(8), query]));
    expect(await untilReady(client, 2)).toBe('TDCZEZ');
  });
  expect(counters).toMatchObject({ asked: 1, failed: 1 });
  client.destroy();
});

test('of two faults on a link each lets fail what it is meant for', async () => {
  const client = await connectTo(port);
  await failing({ statements: ['select 1'] }, async () => {
    await failing({ statements: ['select 2'], code: '53100', message: 'full' }, async () => {
      await expect(client.query('select 1')).rejects.toMatchObject(isDeadlock);
      await expect(client.query('select 2')).rejects.toMatchObject({ code: '53100', message: 'full' });
      await client.query('select 3');
    });
  });
  await client.end();
});

test('new sessions are refused as by a server that takes no more, and open ones go on', async () => {
  const client = await connectTo(port);
  const counters = await failing(
    { of: 'sessions', code: '53300', message: 'sorry, too many clients already' },
    async () => {
      await expect(connectTo(port)).rejects.toMatchObject({ code: '53300', severity: 'FATAL' });
      await expect(connectTo(port, { ssl: { rejectUnauthorized: false } })).rejects.toThrow();
      await client.query('select 1');
    },
  );
  expect(counters).toMatchObject({ asked: 2, failed: 1 });
  await (await connectTo(port)).end();
  await client.end();
});

test('large results and copies pass while others fail', async () => {
  const client = await connectTo(port);
  await failing({ statements: ['delete'] }, async () => {
    const { rows } = await client.query("select repeat('x', 1000) as text from generate_series(1, 5000)");
    expect(rows).toHaveLength(5000);
    await expect(client.query('delete from orders')).rejects.toMatchObject(isDeadlock);
    expect((await client.query('select generate_series(1, 20000)')).rows).toHaveLength(20_000);
  });
  await client.end();
});

async function openSession(): Promise<Socket> {
  const client = await dial(port);
  client.write(wire.startup('shop', 'postgres'));
  await untilReady(client, 1);
  return client;
}

/** Reads until the server was ready so many times. @returns the types of its messages */
function untilReady(client: Socket, times: number): Promise<string> {
  let [types, rest] = ['', Buffer.alloc(0)];
  return new Promise((resolve) => {
    const look = (bytes: Buffer) => {
      const found = wire.messagesIn(Buffer.concat([rest, bytes]));
      types += found.types;
      rest = Buffer.from(found.rest);
      if (types.split('Z').length <= times) return;
      client.off('data', look);
      resolve(types);
    };
    client.on('data', look);
  });
}
