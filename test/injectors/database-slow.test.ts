import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseSlow } from '../../src/injectors/database-slow/index.ts';
import { onProxy, proxyTarget } from '../proxy/support/on-proxy.ts';
import { connectTo, type Postgres, startPostgres } from '../proxy/support/postgres.ts';
import { type Rig, startRig } from '../proxy/support/rig.ts';

let rig: Rig;
let database: Postgres;
let port: number;

beforeAll(async () => {
  [rig, database] = await Promise.all([startRig(), startPostgres({ tls: true })]);
  port = await rig.link('database', database.port, 'postgres');
});
afterAll(async () => {
  await rig.stop();
  await database.stop();
});

test('says how many queries it slowed, and by how much', async () => {
  const client = await connectTo(port);
  const injection = onProxy(rig, databaseSlow, { factor: 5 }, 'database', 'step-1');
  await injection.inject();
  expect(await injection.inForce()).toMatchObject({ seen: 'pending' });
  for (let round = 0; round < 3; round += 1) await client.query('select pg_sleep(0.01)');
  const effect = await injection.total();
  expect(effect.summary).toMatch(/^3 queries slowed, [0-9.]+ × on average \(server [0-9.]+ ms, client [0-9.]+ ms\)$/);
  expect(effect).toMatchObject({ seen: 'seen', figures: { queries: 3, slowedQueries: 3, factor: 5 } });
  expect(effect.figures.ratio).toBeGreaterThanOrEqual(5);
  expect(await injection.gone()).toBe('it is still in force in the proxy');
  await injection.undo();
  expect(await injection.gone()).toBeUndefined();
  await client.end();
});

test('is unseen when no query passed, and says so when that is because it could not look inside', async () => {
  const injection = onProxy(rig, databaseSlow, { factor: 5 }, 'database', 'step-2');
  await injection.inject();
  expect(await injection.total()).toMatchObject({ seen: 'unseen', summary: 'no query passed while it was in force' });
  const client = await connectTo(port, { ssl: { rejectUnauthorized: false } });
  await client.query('select 1');
  expect(await injection.total()).toMatchObject({
    seen: 'unseen',
    summary:
      'no query passed while it was in force; 1 connection passed untouched: cannot see inside TLS (connect without it, as with sslmode=disable)',
  });
  await injection.undo();
  await client.end();
});

test('refuses a link whose queries cannot be told apart, and says what to write', () => {
  expect(databaseSlow.refuses!(proxyTarget('link', 'postgres'), {} as never)).toBeUndefined();
  expect(databaseSlow.refuses!(proxyTarget('link', 'tcp'), {} as never)).toBe(
    '"link" carries plain tcp: add "protocol: postgres" (or mysql, or redis) under its "proxy", so that queries can be told apart',
  );
});

test('says how much longer queries took when that is what was asked for, of those that were meant', async () => {
  const client = await connectTo(port);
  const injection = onProxy(
    rig,
    databaseSlow,
    { factor: 10, delay: 30, statements: ['select *1'] },
    'database',
    'step-3',
  );
  await injection.inject();
  await client.query('select 1');
  await client.query('SELECT\n $1::int + 1', [1]);
  await client.query('select 2');
  const effect = await injection.total();
  expect(effect.summary).toMatch(/^2 queries slowed, 3[0-9]\.[0-9] ms longer on average/);
  expect(effect).toMatchObject({ seen: 'seen', figures: { queries: 2, delayMs: 30 } });
  await injection.undo();
  await client.end();
});
