import { afterAll, beforeAll, describe, it } from 'vitest';
import { connectToMariadb, startMariadb } from '../proxy/support/mariadb.ts';
import { connectTo, startPostgres } from '../proxy/support/postgres.ts';
import { redisCli, startRedis } from '../proxy/support/redis.ts';
import { freePort, type RunningServer } from '../proxy/support/server.ts';
import { has, needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

/** Asks the server on this port something that it answers at once. */
type Ask = (port: number) => Promise<unknown>;
interface Database {
  protocol: string;
  need: 'redis' | 'mariadb' | undefined;
  start(): Promise<RunningServer>;
  ask: Ask;
}

const databases: Database[] = [
  {
    protocol: 'postgres',
    need: undefined,
    start: startPostgres,
    async ask(port) {
      const client = await connectTo(port);
      await client.query('select 1').finally(() => client.end());
    },
  },
  {
    protocol: 'mysql',
    need: 'mariadb',
    start: startMariadb,
    async ask(port) {
      const client = await connectToMariadb(port);
      await client.query('select 1').finally(() => client.end());
    },
  },
  { protocol: 'redis', need: 'redis', start: startRedis, ask: (port) => redisCli(port, 'get', 'cart') },
];

const servers = new Map<string, RunningServer>();
beforeAll(async () => {
  const present = databases.filter(({ need }) => !need || has(need));
  for (const { protocol, start } of present) servers.set(protocol, await start());
}, 60_000);
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
});

const scenario = (protocol: string, linkPort: number, time: string): string => `version: 1
name: Slow database
targets:
  link: { proxy: { listen: "127.0.0.1:${linkPort}", upstream: "127.0.0.1:${servers.get(protocol)?.port}", protocol: ${protocol} } }
timeline:
  - id: harm
    inject: database-slow
    target: link
    with: { delay: 1s, statements: [get, select] }
    for: ${time}
  - pause: 3s
`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

describe.concurrent.each(databases)('queries of $protocol', { timeout: 60_000 }, ({ protocol, need, ask }) => {
  it('take longer while the fault is in force, and not afterwards', async (context) => {
    const { expect } = context;
    if (need) needs(context, need);
    const port = await freePort();
    const day = new GameDay(scenario(protocol, port, '3s'));
    await day.until('injection-in-force');
    expect(await timed(() => ask(port))).toBeGreaterThanOrEqual(1000);
    await day.until('injection-undone');
    await expect.poll(() => timed(() => ask(port))).toBeLessThan(1000);
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]).toMatchObject({
      gone: true,
      effect: { seen: 'seen', figures: { queries: 1, slowedQueries: 1, malformedConnections: 0 } },
    });
  });

  it('are slowed no more when the runner is killed', async (context) => {
    const { expect } = context;
    if (need) needs(context, need);
    const port = await freePort();
    const day = new GameDay(scenario(protocol, port, '60s'));
    await day.until('injection-in-force');
    expect(await timed(() => ask(port))).toBeGreaterThanOrEqual(1000);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await expect(ask(port)).rejects.toThrow(); // the link is closed with its run
    await ask(servers.get(protocol)!.port);
  });
});
