import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTo, type Postgres, startPostgres } from '../proxy/support/postgres.ts';
import { becomes } from '../support/becomes.ts';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { harms, isBounded, isIsolated, isOfPackets, World } from './support/world.ts';

/*
 * Each fault, on each kind of target, while the runner is killed: the world is afterwards what it was before, by its own
 * account.
 */

let postgres: Postgres;
let client: Client;
beforeAll(async () => {
  postgres = await startPostgres();
  client = await connectTo(postgres.port);
  await client.query('create table orders (id int)');
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

describe.concurrent('when the runner is killed', { timeout: 60_000 }, () => {
  it.for(harms)('$fault on $on leaves the world as it was', async (harm, context) => {
    if (isOfPackets(harm)) needs(context, 'root', 'ip', 'nft');
    if (isIsolated(harm)) needs(context, 'namespaces of who is not root');
    if (isBounded(harm)) needs(context, 'cgroup');
    if (harm.fault.startsWith('io-')) needs(context, 'strace');
    if (harm.fault === 'clock-skew') needs(context, 'faketime');
    if (harm.fault === 'dns-failure') needs(context, 'root', 'mount');
    const world = new World({ hasHosts: isOfPackets(harm), isBounded: isBounded(harm) });
    try {
      const before = await world.account();
      const day = new GameDay(world.scenario(harm, '60s', postgres.port));
      await day.until('injection-in-force');
      day.signal('SIGKILL');
      await day.end();
      context.expect(await day.untilClean(), day.stderr).toEqual([]);
      context.expect(await world.account()).toEqual(before);
      context.expect(await residueOf(day)).toEqual({ residue: [], unseen: [] });
    } finally {
      await world.remove();
    }
  });
});

/** What the guardian saw that is not as it was before. */
async function residueOf(day: GameDay): Promise<object> {
  const told = () => day.events().find((event) => event.type === 'residue-checked');
  await becomes(() => told() !== undefined);
  const { residue, unseen } = told()!;
  return { residue, unseen };
}

it('then no session is left in the database', { timeout: 30_000 }, async () => {
  const sessions = "select pid from pg_stat_activity where application_name = 'chaos'";
  await expect.poll(async () => (await client.query(sessions)).rows, { timeout: 20_000 }).toEqual([]);
});

it('every fault that is held is tested here', () => {
  expect(harms.length).toBeGreaterThan(30);
});
