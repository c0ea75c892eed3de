import type { Socket } from 'node:net';
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
let direct: Connection;
let faults = 0;

beforeEach((context) => needs(context, 'mariadb'));
beforeAll(async () => {
  if (!has('mariadb')) return;
  [rig, database] = await Promise.all([startRig(), startMariadb()]);
  port = await rig.link('mariadb', database.port, 'mysql');
  direct = await connectToMariadb(database.port);
  await direct.query('create table orders (id int) engine=InnoDB');
}, 60_000);
afterAll(async () => {
  await direct?.end();
  await rig?.stop();
  await database?.stop();
});

const deadlock = { of: 'statements', rate: 1, seed: 's', code: '1213', state: '40001', message: 'Deadlock found' };
const isDeadlock = { errno: 1213, sqlState: '40001', message: 'Deadlock found' };

/** Lets statements fail while `work` is done. @returns what the proxy counted */
async function failing(settings: JsonObject, work: () => Promise<void>) {
  faults += 1;
  const id = `failure-${faults}`;
  await rig.control.add('mariadb', { id, kind: 'query-failure', settings: { ...deadlock, ...settings } });
  try {
    await work();
  } finally {
    await rig.control.remove('mariadb', id);
  }
  return rig.control.counters('mariadb', id);
}

async function rows(): Promise<number> {
  const [found] = await direct.query<RowDataPacket[]>('select count(*) as n from orders');
  return found[0]!.n;
}

test.each<[string, (client: Connection) => Promise<unknown>]>([
  ['a query', (client) => client.query('insert into orders values (1)')],
  ['a prepared statement', (client) => client.execute('insert into orders values (?)', [1])],
  ['a query of several statements', (client) => client.query('insert into orders values (1); do 1')],
])('%s fails without reaching the server, and works again afterwards', async (_, ask) => {
  const client = await connectToMariadb(port);
  const before = await rows();
  const counters = await failing({}, async () => {
    for (let round = 0; round < 3; round += 1) await expect(ask(client)).rejects.toMatchObject(isDeadlock);
  });
  expect(counters).toMatchObject({ asked: 3, failed: 3, malformedConnections: 0 });
  expect(await rows()).toBe(before);
  await ask(client);
  expect(await rows()).toBe(before + 1);
  await client.end();
});

test("MariaDB's own client is told the error", async () => {
  await failing({ statements: ['select 2'] }, async () => {
    const printed = await mariadbCli(port, "select 1 as 'one'; select 2;");
    expect(printed).toContain('one');
    expect(printed).toContain('ERROR 1213 (40001) at line 1: Deadlock found');
  });
});

test('a transaction in which a statement failed can be rolled back', async () => {
  const client = await connectToMariadb(port);
  const before = await rows();
  const counters = await failing({ statements: ['insert', 'rollback'] }, async () => {
    await client.beginTransaction();
    await expect(client.query('insert into orders values (1)')).rejects.toMatchObject(isDeadlock);
    await client.query('update orders set id = 2');
    await client.rollback();
  });
  expect(counters).toMatchObject({ failed: 1 });
  expect(await rows()).toBe(before);
  await client.end();
});

test('only the statements that are meant fail, and large ones pass', async () => {
  const client = await connectToMariadb(port);
  const counters = await failing({ statements: ['delete from orders'] }, async () => {
    const [found] = await client.query<RowDataPacket[]>(`select '${'x'.repeat(100_000)}' as text`);
    expect(found[0]!.text).toHaveLength(100_000);
    await expect(client.query(`delete from  orders where id in (${'1,'.repeat(50_000)}2)`)).rejects.toMatchObject(
      isDeadlock,
    );
    await client.execute('select ?', ['y'.repeat(100_000)]);
    await client.ping();
  });
  expect(counters).toMatchObject({ matching: 1, failed: 1, malformedConnections: 0 });
  await client.end();
});

test('a client that sends the types of its parameters only once is understood after a failure', async () => {
  const client = await connectToMariadb(port);
  const typed = await client.prepare('select ? as said');
  await failing({}, async () => {
    await expect(typed.execute(['lost'])).rejects.toMatchObject(isDeadlock);
    sendNoTypes(client);
    await expect(typed.execute(['lost'])).rejects.toMatchObject(isDeadlock);
  });
  for (const said of ['hello', 'x'.repeat(100_000), 'again']) {
    const [found] = await typed.execute([said]);
    expect(found).toEqual([{ said }]);
  }
  await client.end();
});

/** Takes the types out of executions with one parameter, as clients in C do after the first. */
function sendNoTypes(client: Connection): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  const write = stream.write.bind(stream) as (bytes: Buffer) => boolean;
  stream.write = (bytes: Buffer) => {
    if (bytes[4] !== 0x17) return write(bytes);
    const head = Buffer.from(bytes.subarray(0, 16));
    head.writeUIntLE(head.readUIntLE(0, 3) - 2, 0, 3);
    head[15] = 0;
    return write(Buffer.concat([head, bytes.subarray(18)]));
  };
}

test('new sessions are refused as by a server that takes no more, and open ones go on', async () => {
  const client = await connectToMariadb(port);
  const refusal = { of: 'sessions', code: '1040', state: '08004', message: 'Too many connections' };
  const counters = await failing(refusal, async () => {
    await expect(connectToMariadb(port)).rejects.toMatchObject({ errno: 1040 });
    expect(await mariadbCli(port, 'select 1')).toContain('Too many connections');
    await client.query('select 1');
  });
  expect(counters).toMatchObject({ asked: 2, failed: 2 });
  await (await connectToMariadb(port)).end();
  await client.end();
});
