import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectToMariadb, mariadbCli, startMariadb } from '../proxy/support/mariadb.ts';
import type { RunningServer } from '../proxy/support/server.ts';
import { has, needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

let database: RunningServer;
let client: Connection;
let url: string;
beforeEach((context) => needs(context, 'mariadb'));
beforeAll(async () => {
  if (!has('mariadb')) return;
  database = await startMariadb();
  client = await connectToMariadb(database.port);
  await client.query('create table Orders (id int) engine=InnoDB');
  await client.query(
    "create user 'harm' identified by 'se cret'; grant all on shop.* to harm; grant process on *.* to harm",
  );
  url = `mysql://harm:se%20cret@127.0.0.1:${database.port}/shop`;
}, 60_000);
afterAll(async () => {
  await client?.end();
  await database?.stop();
});

const scenario = (step: string): string => `version: 1
name: Database
timeline:
  - { id: harm, ${step} }
`;
const lock = (time: string, mode = '') =>
  scenario(`inject: database-lock, with: { url: "${url}", table: shop.Orders${mode} }, for: ${time}`);
const sessions = async (): Promise<number> => {
  const [rows] = await client.query<RowDataPacket[]>(
    "select count(*) as n from information_schema.processlist where user = 'harm'",
  );
  return rows[0]!.n;
};

// One after another: they share one server, and one of them takes all of it.
describe('a MariaDB', { timeout: 60_000 }, () => {
  it('keeps everybody waiting for a table that is locked, until it is not', async () => {
    const day = new GameDay(lock('2s'));
    await day.until('injection-in-force');
    const began = performance.now();
    // Its own client waits.
    expect(await mariadbCli(database.port, 'select count(*) from Orders')).toContain('0');
    expect(performance.now() - began).toBeGreaterThan(1000);
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]!.effect).toMatchObject({
      seen: 'seen',
      figures: { sessionsThatWaited: 1, mostAtOnce: 1 },
    });
    await expect.poll(sessions).toBe(0);
  });

  it('lets everybody read, and nobody write, a table that is locked for reading', async () => {
    const day = new GameDay(lock('2s', ', mode: READ'));
    await day.until('injection-in-force');
    await client.query('select * from Orders');
    const undone = day.until('injection-undone').then(() => 'undone');
    const written = client.query('insert into Orders values (1)').then(() => 'written');
    await expect
      .poll(async () => (await mariadbCli(database.port, 'show processlist')).includes('metadata lock'))
      .toBe(true);
    expect(await day.end(), day.stderr).toBe(0);
    await Promise.all([undone, written]);
    expect(day.report().injections[0]!.effect).toMatchObject({ seen: 'seen', figures: { sessionsThatWaited: 1 } });
  });

  it('that nobody asked for the locked table proves nothing', async () => {
    const day = new GameDay(lock('300ms'));
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.report().reasons.join()).toContain('nobody waited for the lock');
  });

  it('lifts the lock when the runner is killed', async () => {
    const day = new GameDay(lock('60s'));
    await day.until('injection-in-force');
    expect(await sessions()).toBe(2);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await expect.poll(sessions).toBe(0);
    await client.query('select * from Orders');
  });

  it('is told as the reason when the lock cannot be had', async () => {
    const day = new GameDay(scenario(`inject: database-lock, with: { url: "${url}", table: none }, for: 1s`));
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.stderr).toContain("Table 'shop.none' doesn't exist");
  });

  it('refuses whoever comes when its connections are used up, and not afterwards', async () => {
    const maria = url.replace('mysql:', 'mariadb:');
    const day = new GameDay(scenario(`inject: database-connections, with: { url: "${maria}" }, for: 2s`));
    await day.until('injection-in-force');
    await expect(connectToMariadb(database.port, { user: 'harm', password: 'se cret' })).rejects.toThrow(
      'Too many connections',
    );
    expect(await day.end(), day.stderr).toBe(0);
    const { figures } = day.report().injections[0]!.effect as { figures: Record<string, number> };
    expect(figures.held).toBeGreaterThan(25);
    await expect.poll(sessions).toBe(0);
    await (await connectToMariadb(database.port, { user: 'harm', password: 'se cret' })).end();
  });

  it('gives connections back when the runner is killed', async () => {
    const day = new GameDay(
      scenario(`inject: database-connections, with: { url: "${url}", connections: 12 }, for: 60s`),
    );
    await day.until('injection-in-force');
    expect(await sessions()).toBe(12);
    const [status] = await client.query<RowDataPacket[]>("show status like 'Threads_connected'");
    expect(Number(status[0]!.Value)).toBeGreaterThanOrEqual(13);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await expect.poll(sessions).toBe(0);
  });
});
