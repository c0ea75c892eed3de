import { afterAll, beforeAll, describe, it } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { ProbeSession } from '../../src/model/probe.ts';
import { connectToMariadb, startMariadb } from '../proxy/support/mariadb.ts';
import { connectTo, startPostgres } from '../proxy/support/postgres.ts';
import { redisCli, startRedis } from '../proxy/support/redis.ts';
import type { RunningServer } from '../proxy/support/server.ts';
import { has, needs } from '../support/needs.ts';
import { open, run } from './support/open.ts';

const never = () => new AbortController().signal;
const servers = new Map<string, RunningServer>();
const port = (kind: string) => servers.get(kind)!.port;

const table = 'create table orders (id varchar(100), at int)';
const databases: Record<string, Database> = {
  postgres: {
    ability: undefined,
    start: startPostgres,
    prepare: async () => {
      const client = await connectTo(port('postgres'));
      await client.query(table);
      await client.end();
    },
    write: () => ({ url: url('postgres'), query: "insert into orders values ('${entry}')" }),
    read: () => ({ url: url('postgres'), query: "select id from orders where id like '${run}%' order by ctid" }),
    async removeSecond() {
      const client = await connectTo(port('postgres'));
      await client.query("delete from orders where id like '%-0000001'");
      await client.end();
    },
  },
  mysql: {
    ability: 'mariadb',
    start: startMariadb,
    prepare: async () => {
      const client = await connectToMariadb(port('mysql'));
      await client.query(table);
      await client.end();
    },
    write: () => ({ url: url('mysql'), query: "insert into orders (id) values ('${entry}')" }),
    read: () => ({ url: url('mysql'), query: "select id, 'other' from orders" }),
    async removeSecond() {
      const client = await connectToMariadb(port('mysql'));
      await client.query("delete from orders where id like '%-0000001'");
      await client.end();
    },
  },
  redis: {
    ability: 'redis',
    start: startRedis,
    prepare: async () => {},
    write: () => ({ url: url('redis'), command: ['XADD', 'orders', '*', 'id', '${entry}'] }),
    read: () => ({ url: url('redis'), command: ['XRANGE', 'orders', '-', '+'] }),
    async removeSecond() {
      const all = (await redisCli(port('redis'), 'XRANGE', 'orders', '-', '+')).split('\n');
      await redisCli(port('redis'), 'XDEL', 'orders', all[all.findLastIndex((line) => line.endsWith('-0000001')) - 2]!);
    },
  },
};

interface Database {
  ability: 'mariadb' | 'redis' | undefined;
  start(): Promise<RunningServer>;
  prepare(): Promise<unknown>;
  write(): JsonObject;
  read(): JsonObject;
  /** Whatever is the second entry of a ledger. */
  removeSecond(): Promise<unknown>;
}

const url = (kind: string): string => {
  const path = { postgres: 'shop@127.0.0.1:PORT/postgres', mysql: 'shop@127.0.0.1:PORT/shop', redis: '127.0.0.1:PORT' };
  return `${kind}://${path[kind as keyof typeof path].replace('PORT', String(port(kind)))}`;
};

beforeAll(async () => {
  for (const [kind, { ability, start, prepare }] of Object.entries(databases)) {
    if (ability !== undefined && !has(ability)) continue;
    servers.set(kind, await start());
    await prepare();
  }
}, 60_000);
afterAll(() => Promise.all([...servers.values()].map((server) => server.stop())));

describe.each(Object.keys(databases))('a ledger in %s', (kind) => {
  const database = databases[kind]!;

  async function openLedger(read: JsonObject = {}): Promise<ProbeSession> {
    const settings = { write: { [kind]: database.write() }, read: { [kind]: database.read(), ...read } };
    // The sampler fills in the id of the run.
    return open('ledger', JSON.parse(JSON.stringify(settings).replaceAll('${run}', run)));
  }

  it('finds every acknowledged write, once and in order', async (context) => {
    if (database.ability) needs(context, database.ability);
    const session = await openLedger({ ordered: true, every: 20 });
    for (let round = 0; round < 20; round += 1) context.expect(await session.sample(never())).toEqual({ good: true });
    await Promise.all(Array.from({ length: 20 }, () => session.sample(never())));
    context.expect(await session.verify!(never())).toMatchObject({
      written: 40,
      kept: 40,
      lostCount: 0,
      duplicatedCount: 0,
      outOfOrderCount: 0,
      staleCount: 0,
    });
    await session.close();
  });

  it('names what is gone', async (context) => {
    if (database.ability) needs(context, database.ability);
    const session = await openLedger();
    for (let round = 0; round < 3; round += 1) await session.sample(never());
    context.expect(await session.verify!(never())).toMatchObject({ kept: 3, lostCount: 0 });
    await database.removeSecond();
    const { kept, lost } = await session.verify!(never());
    context.expect({ kept, lost }).toEqual({
      kept: 2,
      lost: [{ id: context.expect.stringMatching(/-0000001$/), atMs: context.expect.any(Number) }],
    });
    await session.close();
  });

  it('is told by the server why a write was not acknowledged', async (context) => {
    if (database.ability) needs(context, database.ability);
    const wrong =
      kind === 'redis'
        ? { command: ['LPUSH', 'orders', '${entry}'] }
        : { query: "insert into none values ('${entry}')" };
    const write = { [kind]: { ...database.write(), ...wrong } };
    const session = await open('ledger', { write, read: { [kind]: database.read() } });
    context.expect(await session.sample(never())).toMatchObject({ good: false });
    context.expect(await session.verify!(never())).toMatchObject({ written: 1, acknowledged: 0, lostCount: 0 });
    await session.close();
  });

  it('is unreadable, not empty, when the server says no', async (context) => {
    if (database.ability) needs(context, database.ability);
    const wrong = kind === 'redis' ? { command: ['LRANGE', 'orders', '0', '-1'] } : { query: 'select id from none' };
    const session = await open('ledger', {
      write: { [kind]: database.write() },
      read: { [kind]: { ...database.read(), ...wrong } },
    });
    await session.sample(never());
    await context.expect(session.verify!(never())).rejects.toThrow('cannot be read back, in 5 attempts: ');
    await session.close();
  });
});
