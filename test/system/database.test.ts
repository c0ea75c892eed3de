import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTo, type Postgres, startPostgres } from '../proxy/support/postgres.ts';
import { GameDay } from './support/game-day.ts';

let database: Postgres;
let client: Client;
let url: string;
beforeAll(async () => {
  database = await startPostgres();
  client = await connectTo(database.port);
  await client.query('create table "Orders" (id int)');
  url = `postgres://shop@127.0.0.1:${database.port}/postgres`;
});
afterAll(async () => {
  await client.end();
  await database.stop();
});

const scenario = (step: string): string => `version: 1
name: Database
timeline:
  - { id: harm, ${step} }
`;
const lock = (time: string) => scenario(`inject: database-lock, with: { url: "${url}", table: Orders }, for: ${time}`);
const sessions = async (): Promise<number> => {
  const { rows } = await client.query(
    "select count(*)::int as n from pg_stat_activity where application_name = 'chaos'",
  );
  return rows[0].n;
};

// One after another: they share one server, and one of them takes all of it.
describe('a PostgreSQL', () => {
  it('keeps everybody waiting for a table that is locked, until it is not', async () => {
    const day = new GameDay(lock('1s'));
    await day.until('injection-in-force');
    const began = performance.now();
    await client.query('select * from "Orders"');
    expect(performance.now() - began).toBeGreaterThan(500);
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]!.effect).toMatchObject({
      seen: 'seen',
      figures: { sessionsThatWaited: 1, mostAtOnce: 1 },
    });
    await expect.poll(sessions).toBe(0);
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
    await client.query('select * from "Orders"');
  });

  it('is told as the reason when the lock cannot be had', async () => {
    const day = new GameDay(scenario(`inject: database-lock, with: { url: "${url}", table: none }, for: 1s`));
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.stderr).toContain('relation "none" does not exist');
  });

  it('refuses whoever comes when its connections are used up, and not afterwards', async () => {
    const day = new GameDay(scenario(`inject: database-connections, with: { url: "${url}" }, for: 1s`));
    await day.until('injection-in-force');
    await expect(connectTo(database.port)).rejects.toThrow('too many clients already');
    expect(await day.end(), day.stderr).toBe(0);
    const { figures } = day.report().injections[0]!.effect as { figures: Record<string, number> };
    expect(figures.held).toBeGreaterThan(90);
    await expect.poll(sessions).toBe(0);
    await (await connectTo(database.port)).end();
  });

  it('gives connections back when the runner is killed', async () => {
    const day = new GameDay(
      scenario(`inject: database-connections, with: { url: "${url}", connections: 20 }, for: 60s`),
    );
    await day.until('injection-in-force');
    expect(await sessions()).toBe(20);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await expect.poll(sessions).toBe(0);
  });
});
