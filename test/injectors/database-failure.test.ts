import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseFailure } from '../../src/injectors/database-failure/index.ts';
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

const asked = { rate: 1, error: 'deadlock' };

test('says how many statements failed, and of how many that were meant', async () => {
  const client = await connectTo(port);
  const injection = onProxy(rig, databaseFailure, { ...asked, statements: ['select 2'] }, 'database', 'step-1');
  await injection.inject();
  expect(await injection.inForce()).toMatchObject({ seen: 'pending' });
  await client.query('select 1');
  expect(await injection.total()).toMatchObject({ seen: 'unseen', summary: 'none of 1 statement matched' });
  await expect(client.query('select 2')).rejects.toThrow('deadlock detected');
  expect(await injection.total()).toMatchObject({
    seen: 'seen',
    summary: '1 of 2 statements failed with deadlock (1 matched)',
    figures: { statements: 2, matching: 1, failed: 1, unansweredFailures: 0, failureRate: 1 },
  });
  await injection.undo();
  expect(await injection.gone()).toBeUndefined();
  await client.query('select 2');
  await client.end();
});

test('says that it could not look inside', async () => {
  const injection = onProxy(rig, databaseFailure, asked, 'database', 'step-2');
  await injection.inject();
  const client = await connectTo(port, { ssl: { rejectUnauthorized: false } });
  await client.query('select 1');
  expect(await injection.total()).toMatchObject({
    seen: 'unseen',
    summary:
      'no statement came while it was in force; 1 connection passed untouched: cannot see inside TLS (connect without it, as with sslmode=disable)',
  });
  await injection.undo();
  await client.end();
});

test('refuses what the database of the link does not know, and says what it does', () => {
  const refusal = (protocol: Parameters<typeof proxyTarget>[1], parameters: object) =>
    databaseFailure.refuses!(proxyTarget('link', protocol), parameters as never);
  expect(refusal('postgres', asked)).toBeUndefined();
  expect(refusal('tcp', asked)).toContain('"link" carries plain tcp');
  expect(refusal('redis', asked)).toBe(
    'there is no error "deadlock" of redis, which "link" carries: expected read-only, too-many-connections, out-of-memory, disk-full, loading, busy, cluster-down',
  );
  expect(refusal('mysql', { code: '1205' })).toBeUndefined();
  expect(refusal('mysql', { code: '40P01' })).toBe(
    '"40P01" is no code of an error here: "link" carries mysql, where it is the number of an error, such as 1213',
  );
  expect(refusal('mysql', { code: '70000' })).toContain('no code of an error');
  expect(refusal('postgres', { code: '40P01' })).toBeUndefined();
});

test.each([
  [{ code: '40P01' }, '"code" and "message" make an error together: one of them is missing'],
  [{ message: 'no' }, '"code" and "message" make an error together: one of them is missing'],
  [
    { code: '40P01', message: 'no', error: 'deadlock' },
    '"error" and "code" both say how statements fail: leave one of them out',
  ],
  [
    { error: 'too-many-connections', statements: ['select'] },
    'an error "too-many-connections" meets new sessions, not "statements": leave one of them out',
  ],
  [{ error: 'deadlock', statements: ['select'] }, undefined],
])('%j does or does not go together', (written, why) => {
  expect(databaseFailure.contradiction!(written)).toBe(why);
});
