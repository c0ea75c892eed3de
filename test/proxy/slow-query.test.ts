import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProxyCounters } from '../../src/model/fault.ts';
import { connectTo, type Postgres, startPostgres } from './support/postgres.ts';
import { dial, type Rig, startRig } from './support/rig.ts';
import * as wire from './support/wire.ts';

let rig: Rig;
let database: Postgres;
let port: number;
let faults = 0;

beforeAll(async () => {
  [rig, database] = await Promise.all([startRig(), startPostgres()]);
  port = await rig.link('postgres', database.port, 'postgres');
});
afterAll(async () => {
  await rig.stop();
  await database.stop();
});

/** Slows the database while `work` is done. @returns what the proxy counted */
async function slowed(factor: number, work: () => Promise<void>): Promise<ProxyCounters> {
  faults += 1;
  const id = `slow-${faults}`;
  await rig.control.add('postgres', { id, kind: 'slow-query', settings: { factor } });
  try {
    await work();
  } finally {
    await rig.control.remove('postgres', id);
  }
  return rig.control.counters('postgres', id);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Not much more than its multiple; twice of it would mean that something was counted twice. */
function expectMultiple(counters: ProxyCounters, factor: number): void {
  const ratio = counters.clientMs! / counters.serverMs!;
  expect(ratio).toBeGreaterThanOrEqual(factor);
  expect(ratio).toBeLessThan(factor * 2);
}

test.each([
  ['a simple query', (client: pg.Client) => client.query('select pg_sleep(0.02)')],
  ['a query with parameters', (client: pg.Client) => client.query('select pg_sleep($1)', [0.02])],
  [
    'a prepared statement',
    (client: pg.Client) => client.query({ name: 'nap', text: 'select pg_sleep($1)', values: [0.02] }),
  ],
])('%s takes its multiple, and no other time of the client does', async (_, ask) => {
  const client = await connectTo(port);
  const counters = await slowed(10, async () => {
    for (let round = 0; round < 2; round += 1) {
      expect(await timed(() => ask(client))).toBeGreaterThanOrEqual(200);
      await new Promise((resolve) => setTimeout(resolve, 100)); // the client's own time
    }
  });
  expect(counters.queries).toBe(2);
  expectMultiple(counters, 10);
  await client.end();
});

test('each statement of a multi-statement query counts by itself', async () => {
  const client = await connectTo(port);
  const counters = await slowed(10, async () => {
    const tookMs = await timed(() => client.query('select pg_sleep(0.02); select pg_sleep(0.01); ; select 1'));
    expect(tookMs).toBeGreaterThanOrEqual(300);
  });
  expect(counters.queries).toBe(3);
  expectMultiple(counters, 10);
  await client.end();
});

test('queries that were sent ahead behave as with a server that is so many times slower', async () => {
  const client = await openSession();
  const counters = await slowed(10, async () => {
    const nap = (seconds: number) => wire.query(`select pg_sleep(${seconds})`);
    const tookMs = await timed(async () => {
      client.write(Buffer.concat([nap(0.01), nap(0.01), nap(0.01)]));
      expect(await untilReady(client, 3)).toBe('TDCZTDCZTDCZ');
    });
    expect(tookMs).toBeGreaterThanOrEqual(300);
  });
  expect(counters.queries).toBe(3);
  expectMultiple(counters, 10);
  client.destroy();
});

test('a pipeline of the extended protocol with one Sync takes its multiple', async () => {
  const client = await openSession();
  const counters = await slowed(10, async () => {
    const nap = [wire.parse('select pg_sleep(0.01)'), wire.bind, wire.execute()];
    const tookMs = await timed(async () => {
      client.write(Buffer.concat([...nap, ...nap, ...nap, wire.sync]));
      expect(await untilReady(client, 1)).toBe('12DC12DC12DCZ');
    });
    expect(tookMs).toBeGreaterThanOrEqual(300);
  });
  expect(counters.queries).toBe(3);
  expectMultiple(counters, 10);
  client.destroy();
});

test('portions of a portal and empty queries are queries', async () => {
  const client = await openSession();
  const counters = await slowed(2, async () => {
    const portions = [
      wire.parse('select generate_series(1, 5)'),
      wire.bind,
      wire.execute(2),
      wire.execute(0),
      wire.sync,
    ];
    client.write(Buffer.concat(portions));
    expect(await untilReady(client, 1)).toBe('12DDsDDDCZ');
    client.write(wire.query(''));
    expect(await untilReady(client, 1)).toBe('IZ');
  });
  expect(counters.queries).toBe(3);
  client.destroy();
});

test('an error takes its multiple too, and what stands behind it in the pipeline is not waited for', async () => {
  const client = await openSession();
  const counters = await slowed(5, async () => {
    const bad = [wire.parse('select 1 / (n - 1) from generate_series(1, 1) as numbers(n)'), wire.bind, wire.execute()];
    const good = [wire.parse('select 1'), wire.bind, wire.execute()];
    client.write(Buffer.concat([...bad, ...good, wire.sync, ...good, wire.sync]));
    expect(await untilReady(client, 2)).toBe('12EZ12DCZ');
  });
  expect(counters.queries).toBe(2);
  client.destroy();
});

test('COPY in and out keep their pace, and queries after it are slowed as before', async () => {
  const client = await openSession();
  client.write(wire.query('create temporary table copied (line text)'));
  await untilReady(client, 1);
  const counters = await slowed(1000, async () => {
    client.write(wire.query('copy copied from stdin'));
    expect(await untilMessage(client, 'G')).toBe('G');
    await new Promise((resolve) => setTimeout(resolve, 50)); // would be 50 s
    client.write(Buffer.concat([wire.copyData('a\nb\n'), wire.copyData('c\n'), wire.copyDone]));
    expect(await untilReady(client, 1)).toBe('CZ');
    client.write(wire.query('copy copied to stdout'));
    expect(await untilReady(client, 1)).toBe('HdddcCZ');
  });
  expect(counters.queries).toBe(0);
  const after = await slowed(10, async () => {
    client.write(wire.query('select count(*), pg_sleep(0.01) from copied'));
    expect(await untilReady(client, 1)).toBe('TDCZ');
  });
  expect(after.queries).toBe(1);
  expectMultiple(after, 10);
  client.destroy();
});

test('a COPY of the extended protocol, whose first Sync the server overlooks, does not confuse what follows', async () => {
  const client = await openSession();
  client.write(wire.query('create temporary table copied (line text)'));
  await untilReady(client, 1);
  const counters = await slowed(10, async () => {
    client.write(Buffer.concat([wire.parse('copy copied from stdin'), wire.bind, wire.execute(), wire.sync]));
    await untilMessage(client, 'G');
    client.write(Buffer.concat([wire.copyData('a\n'), wire.copyDone, wire.sync]));
    expect(await untilReady(client, 1)).toBe('CZ');
    const nap = [wire.parse('select pg_sleep(0.01)'), wire.bind, wire.execute(), wire.sync];
    for (let round = 0; round < 3; round += 1) {
      client.write(Buffer.concat(nap));
      expect(await untilReady(client, 1)).toBe('12DCZ');
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  });
  expect(counters.queries).toBe(3);
  expect(counters.malformedConnections).toBe(0);
  expectMultiple(counters, 10);
  client.destroy();
});

test('a large result streams through, whole', async () => {
  const sum = async (client: pg.Client) => {
    const hash = createHash('sha256');
    const rows = await client.query({
      text: 'select repeat(md5(n::text), 1600) as text from generate_series(1, 1000) as numbers(n)',
      rowMode: 'array',
    });
    for (const [text] of rows.rows) hash.update(text);
    return hash.digest('hex');
  };
  const [direct, through] = await Promise.all([connectTo(database.port), connectTo(port)]);
  const expected = await sum(direct);
  const counters = await slowed(2, async () => expect(await sum(through)).toBe(expected));
  expect(counters.queries).toBe(1);
  await Promise.all([direct.end(), through.end()]);
});

test('a client that is slow to read does not make the server look slow', async () => {
  const client = await openSession();
  const counters = await slowed(3, async () => {
    client.pause();
    client.write(wire.query("select repeat('x', 1000000) from generate_series(1, 100)"));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await untilReady(client, 1);
  });
  expect(counters.queries).toBe(1);
  expect(counters.serverMs).toBeLessThan(1000);
  client.destroy();
});

test('transactions, notifications and cancellation work as ever', async () => {
  const [listener, worker] = await Promise.all([connectTo(port), connectTo(port)]);
  await slowed(3, async () => {
    const heard = new Promise((resolve) => listener.once('notification', ({ payload }) => resolve(payload)));
    await listener.query('listen news');
    await worker.query('begin');
    await worker.query('create temporary table kept (id int)');
    await worker.query('insert into kept values ($1), ($2)', [1, 2]);
    await worker.query('rollback');
    await expect(worker.query('select * from kept')).rejects.toThrow('does not exist');
    await worker.query("notify news, 'hello'");
    expect(await heard).toBe('hello');

    const cancelled = expect(worker.query('select pg_sleep(3600)')).rejects.toThrow('canceling statement');
    const { processID, secretKey } = worker as unknown as { processID: number; secretKey: number };
    // A server that is idle takes no notice of a cancellation.
    const running = "select 1 from pg_stat_activity where state = 'active' and query = 'select pg_sleep(3600)'";
    while ((await listener.query(running)).rows.length === 0) await new Promise(setImmediate);
    const canceller = await dial(port);
    canceller.end(wire.cancelRequest(processID, secretKey));
    await cancelled;
    canceller.destroy();
  });
  await Promise.all([listener.end(), worker.end()]);
});

test('answers that are held when the fault is removed go on at once, and none is lost', async () => {
  const client = await connectTo(port);
  await rig.control.add('postgres', { id: 'endless', kind: 'slow-query', settings: { factor: 1_000_000 } });
  const answer = client.query('select pg_sleep(0.05), 42 as value');
  while ((await rig.control.counters('postgres', 'endless')).queries === 0) await new Promise(setImmediate);
  expect(await rig.control.remove('postgres', 'endless')).toMatchObject({ slowedQueries: 0, cutShortQueries: 1 });
  expect((await answer).rows[0].value).toBe(42);
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});

test('a fault that begins in the middle of a query finds the connections of a pool in a known state', async () => {
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'shop', database: 'postgres', max: 4 });
  await Promise.all([1, 2, 3, 4].map(() => pool.query('select 1')));
  const running = [1, 2, 3, 4].map(() => pool.query('select pg_sleep(0.05), 7 as value'));
  const counters = await slowed(4, async () => {
    for (const { rows } of await Promise.all(running)) expect(rows[0].value).toBe(7);
    await Promise.all([1, 2, 3, 4].map(() => pool.query('select pg_sleep(0.01)')));
  });
  expect(counters.queries).toBe(8);
  expect(counters.malformedConnections).toBe(0);
  await pool.end();
});

test('two at once multiply', async () => {
  const client = await connectTo(port);
  const counters = await slowed(3, async () => {
    await slowed(4, async () => {
      expect(await timed(() => client.query('select pg_sleep(0.01)'))).toBeGreaterThanOrEqual(120);
    });
  });
  expectMultiple(counters, 3);
  await client.end();
});

test('an encrypted connection passes untouched and is counted as one that nobody can see into', async () => {
  const secure = await startPostgres({ tls: true });
  try {
    const link = await rig.link('secure', secure.port, 'postgres');
    await rig.control.add('secure', { id: 'slow', kind: 'slow-query', settings: { factor: 1000 } });
    const client = await connectTo(link, { ssl: { rejectUnauthorized: false } });
    expect((await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows).toEqual([
      { ssl: true },
    ]);
    await client.end();
    const plain = await connectTo(link);
    await plain.query('select 1');
    await plain.end();
    expect(await rig.control.remove('secure', 'slow')).toMatchObject({ encryptedConnections: 1, queries: 1 });
  } finally {
    await secure.stop();
  }
});

/** A session over a bare socket, for what client libraries do not do. */
async function openSession(): Promise<Socket> {
  const client = await dial(port);
  client.write(wire.startup('shop', 'postgres'));
  await untilReady(client, 1);
  return client;
}

const untilReady = (client: Socket, times: number) => collect(client, (types) => types.split('Z').length > times);
const untilMessage = (client: Socket, type: string) => collect(client, (types) => types.includes(type));

/** Reads messages until there are enough. @returns their types */
function collect(client: Socket, enough: (types: string) => boolean): Promise<string> {
  let bytes: Buffer = Buffer.alloc(0);
  let types = '';
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error(`the connection ended after ${types}`));
    const onData = (more: Buffer) => {
      const found = wire.messagesIn(Buffer.concat([bytes, more]));
      bytes = found.rest;
      types += found.types;
      if (!enough(types)) return;
      client.off('data', onData).off('close', onClose);
      resolve(types);
    };
    client.on('data', onData).once('close', onClose);
    client.resume();
  });
}
