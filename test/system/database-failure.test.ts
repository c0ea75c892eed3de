import { afterAll, beforeAll, describe, it } from 'vitest';
import { connectToMariadb, startMariadb } from '../proxy/support/mariadb.ts';
import { connectTo, startPostgres } from '../proxy/support/postgres.ts';
import { redisCli, startRedis } from '../proxy/support/redis.ts';
import { freePort, type RunningServer } from '../proxy/support/server.ts';
import { has, needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

/** Asks the server on this port something, and says what it answered. */
type Ask = (port: number) => Promise<string>;
interface Database {
  protocol: string;
  need: 'redis' | 'mariadb' | undefined;
  start(): Promise<RunningServer>;
  ask: Ask;
}

const told = (error: Error): string => error.message;
const databases: Database[] = [
  {
    protocol: 'postgres',
    need: undefined,
    start: startPostgres,
    async ask(port) {
      const client = await connectTo(port);
      return client
        .query('select 1')
        .then(() => 'fine', told)
        .finally(() => client.end());
    },
  },
  {
    protocol: 'mysql',
    need: 'mariadb',
    start: startMariadb,
    async ask(port) {
      const client = await connectToMariadb(port);
      return client
        .query('select 1')
        .then(() => 'fine', told)
        .finally(() => client.end());
    },
  },
  {
    protocol: 'redis',
    need: 'redis',
    start: startRedis,
    ask: async (port) => (await redisCli(port, 'get', 'cart')) || 'fine',
  },
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
name: Failing database
targets:
  link: { proxy: { listen: "127.0.0.1:${linkPort}", upstream: "127.0.0.1:${servers.get(protocol)?.port}", protocol: ${protocol} } }
timeline:
  - id: harm
    inject: database-failure
    target: link
    with: { rate: 100%, error: out-of-memory, statements: [get, select] }
    for: ${time}
  - pause: 3s
`;

describe.concurrent.each(databases)('queries of $protocol', { timeout: 60_000 }, ({ protocol, need, ask }) => {
  it('fail while the fault is in force, and not afterwards', async (context) => {
    const { expect } = context;
    if (need) needs(context, need);
    const port = await freePort();
    const day = new GameDay(scenario(protocol, port, '3s'));
    await day.until('injection-in-force');
    expect(await ask(port)).toMatch(/out of memory|OOM/i);
    await day.until('injection-undone');
    expect(await ask(port)).toBe('fine');
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]).toMatchObject({
      gone: true,
      effect: { seen: 'seen', figures: { failed: 1, malformedConnections: 0 } },
    });
  });

  it('fail no more when the runner is killed', async (context) => {
    const { expect } = context;
    if (need) needs(context, need);
    const port = await freePort();
    const day = new GameDay(scenario(protocol, port, '60s'));
    await day.until('injection-in-force');
    expect(await ask(port)).toMatch(/out of memory|OOM/i);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await expect(ask(port)).rejects.toThrow(); // the link is closed with its run
    expect(await ask(servers.get(protocol)!.port)).toBe('fine');
  });
});
