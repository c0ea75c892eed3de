import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chance } from '../../src/model/chance.ts';
import type { WorkloadResult } from '../../src/model/event.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { ProbeSession } from '../../src/model/probe.ts';
import { probeKindNamed } from '../../src/probes/registry.ts';
import { connectToMariadb, startMariadb } from '../proxy/support/mariadb.ts';
import { connectTo, startPostgres } from '../proxy/support/postgres.ts';
import { redisCli, startRedis } from '../proxy/support/redis.ts';
import type { RunningServer } from '../proxy/support/server.ts';
import { has, needs } from '../support/needs.ts';
import { serveHttp } from './support/http-server.ts';
import { open } from './support/open.ts';

const never = () => new AbortController().signal;
const settings: Record<string, (url: string) => JsonObject> = {
  counter: (url) => ({
    write: { http: { url: `${url}/counter` } },
    read: { http: { url: `${url}/counter` }, value: '$.value' },
  }),
  register: (url) => ({
    write: { http: { method: 'PUT', url: `${url}/register`, body: '${value}' } },
    read: { http: { url: `${url}/register` }, value: '$.value' },
  }),
  transfers: (url) => ({
    write: { http: { url: `${url}/transfers?from=\${from}&to=\${to}` } },
    read: { http: { url: `${url}/total` } },
    accounts: ['a', 'b', 'c'],
  }),
};

/** What it does with a request that a correct store would not do. */
type Defect = 'none' | 'stale' | 'loses' | 'twice' | 'back' | 'half';

/** A store that keeps its promises, or not. Answers come when they come. */
async function serveStore({ defect = 'none' as Defect, seed = '', slowMs = 0, failing = 0 }) {
  const next = chance(seed);
  const balances: Record<string, number> = { a: 100, b: 100, c: 100 };
  let [count, value, writes] = [0, '', 0];
  const seen: { count: number; value: string }[] = [];
  const server = await serveHttp(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = (status: number, text: string) => response.writeHead(status).end(text);
    if (slowMs > 0) await delay(next() * slowMs);
    const fails = next() < failing;
    // It fails before it has done it, or after.
    if (fails && next() < 0.5) return answer(503, 'no');
    const url = new URL(request.url!, 'http://store');
    if (request.method === 'GET') {
      if (url.pathname === '/total') answer(200, String(Object.values(balances).reduce((sum, one) => sum + one, 0)));
      else {
        const behind =
          defect === 'stale' ? seen.at(-4) : defect === 'back' && writes % 5 === 4 ? seen.at(-3) : undefined;
        const shown = behind ?? { count, value };
        answer(200, JSON.stringify({ value: url.pathname === '/counter' ? shown.count : shown.value }));
      }
      return;
    }
    writes += 1;
    seen.push({ count, value });
    const isLost = defect === 'loses' && writes % 3 === 0;
    if (!isLost) {
      count += defect === 'twice' && writes % 4 === 0 ? 2 : 1;
      value = body;
      const [from, to] = [url.searchParams.get('from'), url.searchParams.get('to')];
      if (from !== null) balances[from]! -= 1;
      if (to !== null && !(defect === 'half' && writes % 6 === 0)) balances[to]! += 1;
    }
    if (slowMs > 0) await delay(next() * slowMs);
    answer(fails ? 503 : 200, 'ok');
  });
  return server;
}

/** Samples as the sampler does, some at once. */
async function under(kind: string, url: string, samples = 30, atOnce = 1): Promise<WorkloadResult> {
  const session = await open(kind, settings[kind]!(url));
  await first(session);
  for (let round = 0; round < samples; round += atOnce)
    await Promise.all(Array.from({ length: atOnce }, () => session.sample(never())));
  const result = await session.check!(never());
  await session.close();
  return result;
}

/** The first reads what stood there before. */
async function first(session: ProbeSession): Promise<void> {
  for (let answer = await session.sample(never()); !('good' in answer && answer.good); )
    answer = await session.sample(never());
}

describe.concurrent.each(Object.keys(settings))('a %s probe', (kind) => {
  it('accuses a correct store of nothing, whatever fails and however answers overtake each other', async (context) => {
    await Promise.all(
      Array.from({ length: 12 }, async (_, seed) => {
        const store = await serveStore({ seed: `${kind} ${seed}`, slowMs: 8, failing: 0.2 });
        const result = await under(kind, store.url, 60, 6);
        context.expect(result.violations).toEqual([]);
        context.expect(result.writes).toBe(60);
        context.expect(result.acknowledged).toBeGreaterThan(20);
        context.expect(result.acknowledged).toBeLessThan(60);
        await store.close();
      }),
    );
  });
});

describe.concurrent('is accused a store', () => {
  it.for([
    ['counter', 'stale', /^(went back from|shows) [0-9]+/],
    ['counter', 'loses', /^shows [0-9]+, though [0-9]+ were acknowledged/],
    ['counter', 'twice', /^shows [0-9]+, though no more than [0-9]+ were asked for$/],
    ['counter', 'back', /^went back from [0-9]+ to [0-9]+$/],
    ['register', 'stale', /^read ([0-9]+|nothing) at .*, though [0-9]+ had taken its place at /],
    ['register', 'loses', /^read [0-9]+ at .*, though [0-9]+ had taken its place at /],
    ['register', 'back', /^read [0-9]+ at .*, though [0-9]+ had taken its place at /],
    ['transfers', 'half', /^the total is 299, and was 300 \(1 lost\)$/],
  ] as [string, Defect, RegExp][])('by a %s when it is %s', async ([kind, defect, said], context) => {
    const store = await serveStore({ defect });
    const { violations, violationCount } = await under(kind, store.url);
    context.expect(violationCount).toBeGreaterThan(0);
    context.expect(violations[0]!.message).toMatch(said);
    await store.close();
  });
});

describe('on a real server', () => {
  const servers: RunningServer[] = [];
  let [postgres, maria, redis] = [0, 0, 0];
  beforeAll(async () => {
    const started = async (start: () => Promise<RunningServer>) => {
      servers.push(await start());
      return servers.at(-1)!.port;
    };
    postgres = await started(startPostgres);
    const table = 'create table accounts (id varchar(10) primary key, balance int)';
    const rows = "insert into accounts values ('a', 10), ('b', 10), ('c', 10)";
    const client = await connectTo(postgres);
    await client.query(`${table}; ${rows}`);
    await client.end();
    if (has('redis')) redis = await started(startRedis);
    if (!has('mariadb')) return;
    maria = await started(startMariadb);
    const other = await connectToMariadb(maria);
    await other.query(table);
    await other.query(rows);
    await other.end();
  }, 60_000);
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  const update =
    "update accounts set balance = balance + case when id = '${to}' then 1 else -1 end where id in ('${from}', '${to}')";
  const ledgers: [string, () => JsonObject][] = [
    ['postgres', () => ({ url: `postgres://shop@127.0.0.1:${postgres}/postgres` })],
    ['mysql', () => ({ url: `mysql://shop@127.0.0.1:${maria}/shop` })],
  ];

  it.for(ledgers)('transfers in %s keep the total', async ([kind, where], context) => {
    if (kind === 'mysql') needs(context, 'mariadb');
    const session = await open('transfers', {
      write: { [kind]: { ...where(), query: update } },
      read: { [kind]: { ...where(), query: 'select sum(balance) from accounts' } },
      accounts: ['a', 'b', 'c'],
    });
    for (let round = 0; round < 5; round += 1)
      await Promise.all(Array.from({ length: 8 }, () => session.sample(never())));
    const result = await session.check!(never());
    context.expect(result).toMatchObject({ violations: [] });
    context.expect(result.acknowledged).toBeGreaterThan(20);
    await session.close();
  });

  it.for(ledgers)('a half transfer in %s is lost money', async ([kind, where], context) => {
    if (kind === 'mysql') needs(context, 'mariadb');
    const half = "update accounts set balance = balance - 1 where id = '${from}' and '${to}' <> ''";
    const session = await open('transfers', {
      write: { [kind]: { ...where(), query: half } },
      read: { [kind]: { ...where(), query: 'select sum(balance) from accounts' } },
      accounts: ['a', 'b'],
    });
    for (let round = 0; round < 3; round += 1) context.expect(await session.sample(never())).toEqual({ good: true });
    const { violations } = await session.check!(never());
    context.expect(violations.at(-1)!.message).toMatch(/^the total is [0-9]+, and was [0-9]+ \(2 lost\)$/);
    await session.close();
  });

  it('a counter and a register in Redis keep their promises, and not when somebody else writes', async (context) => {
    needs(context, 'redis');
    const url = `redis://127.0.0.1:${redis}`;
    const [counter, register] = [
      await open('counter', {
        write: { redis: { url, command: ['INCR', 'visits'] } },
        read: { redis: { url, command: ['GET', 'visits'] } },
      }),
      await open('register', {
        write: { redis: { url, command: ['SET', 'leader', '${value}'] } },
        read: { redis: { url, command: ['GET', 'leader'] } },
      }),
    ];
    for (let round = 0; round < 20; round += 1)
      for (const session of [counter, register]) expect(await session.sample(never())).toEqual({ good: true });
    for (const session of [counter, register]) expect(await session.check!(never())).toMatchObject({ violations: [] });
    await redisCli(redis, 'DEL', 'visits', 'leader');
    expect((await counter.check!(never())).violations[0]!.message).toMatch(/^went back from [0-9]+ to 0$/);
    expect((await register.check!(never())).violations[0]!.message).toMatch(
      /^read nothing at .*, though [0-9]+ had taken/,
    );
    for (const session of [counter, register]) await session.close();
  });
});

describe('refuses', () => {
  const http = { url: 'http://h/${value}${from}${to}' };
  it.each([
    [
      'counter',
      { write: {}, read: { http } },
      'the write of this counter says no way: one of http, postgres, mysql, redis',
    ],
    [
      'counter',
      { write: { http }, read: { http, redis: { url: 'redis://h', command: ['GET', 'x'] } } },
      'the read of this counter says several ways: http, redis',
    ],
    [
      'counter',
      { write: { http }, read: { redis: { url: 'redis://h', command: ['GET', 'x'] }, value: '$' } },
      'the read of this counter has "value", which is only for http',
    ],
    [
      'register',
      { write: { http: { url: 'http://h/' } }, read: { http } },
      'the write of this register never says ${value}: every write would be the same',
    ],
    ['transfers', { write: { http }, read: { http }, accounts: ['a'] }, 'there have to be two accounts or more'],
    [
      'transfers',
      { write: { http }, read: { http }, accounts: ['a', 'b', 'a'] },
      'an account stands among the accounts twice',
    ],
    [
      'transfers',
      { write: { http: { url: 'http://h/${from}' } }, read: { http }, accounts: ['a', 'b'] },
      'the write of these transfers does not say both ${from} and ${to}',
    ],
  ])('%s %j', (kind, written, why) => {
    expect(probeKindNamed(kind)!.refuses!(written as never, {} as never)).toBe(why);
  });

  it('to begin where there is nothing to count from', async () => {
    const server = await serveHttp((_, response) => response.end('many'));
    const session = await open('counter', {
      write: { http: { url: server.url } },
      read: { http: { url: server.url } },
    });
    expect(await session.sample(never())).toEqual({ good: false, reason: 'a counter is a whole number, not many' });
    await expect(session.check!(never())).rejects.toThrow('it was never read');
    await session.close();
    await server.close();
  });
});
