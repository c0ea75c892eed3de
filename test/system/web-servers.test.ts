import { Agent } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, it, type TestContext } from 'vitest';
import { ask, readUntil } from '../proxy/support/http.ts';
import { dial } from '../proxy/support/rig.ts';
import { freePort, type RunningServer } from '../proxy/support/server.ts';
import { has, needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { largeFile, page, startApp, startHaproxy, startNginx } from './support/web-servers.ts';

let app: Awaited<ReturnType<typeof startApp>>;
let nginx: RunningServer;
/** In front of nginx. */
let haproxy: RunningServer;

beforeEach((context) => needs(context, 'nginx', 'haproxy'));
beforeAll(async () => {
  if (!has('nginx') || !has('haproxy')) return;
  app = await startApp();
  nginx = await startNginx(app.port);
  haproxy = await startHaproxy(nginx.port);
}, 60_000);
afterAll(async () => {
  await haproxy?.stop();
  await nginx?.stop();
  app?.close();
});

const behind: [string, () => RunningServer][] = [
  ['nginx', () => nginx],
  ['HAProxy and nginx', () => haproxy],
];

const scenario = (linkPort: number, upstreamPort: number, step: string): string => `version: 1
name: Web servers
targets:
  link: { proxy: { listen: "127.0.0.1:${linkPort}", upstream: "127.0.0.1:${upstreamPort}", protocol: http } }
timeline:
  - { id: harm, target: link, ${step} }
  - pause: 3s
`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** What is not meant to be harmed comes through one connection that is kept, byte for byte. */
async function allElseIsWell(port: number, { expect }: TestContext): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const large = await ask(port, { agent, path: '/large.bin' });
  expect(large).toMatchObject({ status: 200, isReused: false });
  expect(large.body.equals(largeFile)).toBe(true);
  const compressed = await ask(port, { agent, path: '/page.html', headers: { 'accept-encoding': 'gzip' } });
  expect(compressed).toMatchObject({ status: 200, isReused: true, headers: { 'transfer-encoding': 'chunked' } });
  expect(gunzipSync(compressed.body).toString()).toBe(page);
  const chunked = await ask(port, { agent, method: 'POST', path: '/app/', body: Buffer.alloc(3_000_000, 'x') });
  expect(chunked).toMatchObject({ status: 200, isReused: true });
  expect(String(chunked.body)).toBe('part one, part two');
  agent.destroy();

  const upgraded = await dial(port);
  upgraded.write('GET /app/ HTTP/1.1\r\nHost: me\r\nConnection: Upgrade\r\nUpgrade: twice\r\n\r\n');
  expect(await readUntil(upgraded, '\r\n\r\n')).toContain('101 Switching Protocols');
  upgraded.write('hello ');
  expect(await readUntil(upgraded, 'hello hello ')).toBe('hello hello ');
  upgraded.destroy();
}

describe.concurrent.each(behind)('in front of %s', { timeout: 60_000 }, (_, upstream) => {
  it('api-failure fails what it is meant for, and everything else comes as it was sent', async (context) => {
    const { expect } = context;
    const port = await freePort();
    const step = 'inject: api-failure, with: { status: 503, rate: 100%, match: { path: /fails/** } }, for: 4s';
    const day = new GameDay(scenario(port, upstream().port, step));
    await day.until('injection-in-force');
    expect(await ask(port, { path: '/fails/now' })).toMatchObject({ status: 503 });
    await allElseIsWell(port, context);
    expect(await ask(port, { path: '/fails/again' })).toMatchObject({ status: 503 });
    await day.until('injection-undone');
    expect(await ask(port, { path: '/fails/now' })).toMatchObject({ status: 404 });
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]).toMatchObject({
      gone: true,
      effect: { seen: 'seen', figures: { failedRequests: 2, unreadableConnections: 0 } },
    });
  });

  it('api-delay delays what it is meant for, and everything else comes as it was sent', async (context) => {
    const { expect } = context;
    const port = await freePort();
    const step = 'inject: api-delay, with: { latency: 1s, match: { path: / } }, for: 5s';
    const day = new GameDay(scenario(port, upstream().port, step));
    await day.until('injection-in-force');
    expect(await timed(() => ask(port))).toBeGreaterThanOrEqual(1000);
    await allElseIsWell(port, context);
    await day.until('injection-undone');
    await expect.poll(() => timed(() => ask(port))).toBeLessThan(1000);
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]).toMatchObject({ gone: true, effect: { seen: 'seen' } });
  });
});

describe.concurrent('headers', { timeout: 60_000 }, () => {
  const step = 'inject: api-change, with: { response: { set: { server: chaos } }, match: { path: / } }';
  const serverOf = async (port: number) => (await ask(port)).headers.server;

  it('are changed where it is meant, and everything else comes as it was sent', async (context) => {
    const { expect } = context;
    const port = await freePort();
    const day = new GameDay(scenario(port, nginx.port, `${step}, for: 4s`));
    await day.until('injection-in-force');
    expect(await serverOf(port)).toBe('chaos');
    await allElseIsWell(port, context);
    await day.until('injection-undone');
    expect(await serverOf(port)).toContain('nginx');
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]).toMatchObject({
      gone: true,
      effect: { seen: 'seen', figures: { changedResponses: 1, unreadableConnections: 0 } },
    });
  });

  it('are changed no more when the runner is killed', async ({ expect }) => {
    const port = await freePort();
    const day = new GameDay(scenario(port, nginx.port, `${step}, for: 60s`));
    await day.until('injection-in-force');
    expect(await serverOf(port)).toBe('chaos');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await expect(serverOf(port)).rejects.toThrow(); // the link is closed with its run
    expect(await serverOf(nginx.port)).toContain('nginx');
  });
});

describe.concurrent('HAProxy', { timeout: 60_000 }, () => {
  /** HAProxy reaches nginx through the link. */
  async function behindHaproxy(time: string) {
    const port = await freePort();
    const step = `inject: api-failure, with: { status: 500, rate: 100% }, for: ${time}`;
    const day = new GameDay(`${scenario(port, nginx.port, `${step}, at: 2s`)}`);
    const balancer = await startHaproxy(port);
    return { day, balancer, status: async () => (await ask(balancer.port)).status };
  }

  it('takes a server out of service that api-failure makes sick, and back when it is lifted', async ({ expect }) => {
    const { day, balancer, status } = await behindHaproxy('3s');
    await expect.poll(status, { timeout: 10_000 }).toBe(200);
    await day.until('injection-in-force');
    await expect.poll(status, { timeout: 10_000 }).toBe(503); // its own: nobody is left to ask
    await day.until('injection-undone');
    await expect.poll(status, { timeout: 3000 }).toBe(200);
    expect(await day.end(), day.stderr).toBe(0);
    await balancer.stop();
  });

  it('finds the link closed when the runner is killed', async ({ expect }) => {
    const { day, balancer, status } = await behindHaproxy('60s');
    await expect.poll(status, { timeout: 10_000 }).toBe(200);
    await day.until('injection-in-force');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await expect.poll(status, { timeout: 10_000 }).toBe(503);
    expect((await ask(nginx.port)).status).toBe(200);
    await balancer.stop();
  });
});
