import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { has, needs } from '../support/needs.ts';
import { command, redisCli, startRedis } from './support/redis.ts';
import { dial, type Rig, read, startRig } from './support/rig.ts';
import type { RunningServer } from './support/server.ts';

let rig: Rig;
let redis: RunningServer;
let port: number;
let faults = 0;

beforeEach((context) => needs(context, 'redis'));
beforeAll(async () => {
  if (!has('redis')) return;
  [rig, redis] = await Promise.all([startRig(), startRedis()]);
  port = await rig.link('redis', redis.port, 'redis');
});
afterAll(async () => {
  await rig?.stop();
  await redis?.stop();
});

/** Slows Redis while `work` is done. @returns what the proxy counted */
async function slowed(settings: JsonObject, work: () => Promise<void>) {
  faults += 1;
  const id = `slow-${faults}`;
  await rig.control.add('redis', { id, kind: 'slow-query', settings: { factor: 1, ...settings } });
  try {
    await work();
  } finally {
    await rig.control.remove('redis', id);
  }
  return rig.control.counters('redis', id);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const nap = (seconds: number) => command('DEBUG', 'SLEEP', String(seconds));
const ok = '+OK\r\n';
async function say(client: Socket, bytes: Buffer, answer: string): Promise<void> {
  client.write(bytes);
  expect((await read(client, Buffer.byteLength(answer))).toString()).toBe(answer);
}

test("every command of Redis' own client takes its multiple", async () => {
  const counters = await slowed({ factor: 10 }, async () => {
    expect(await timed(() => redisCli(port, 'debug', 'sleep', '0.02'))).toBeGreaterThanOrEqual(200);
  });
  expect(counters).toMatchObject({ malformedConnections: 0 });
  expect(counters.clientMs! / counters.serverMs!).toBeGreaterThanOrEqual(10);
});

test('commands that were sent ahead are answered in order, each after its own multiple', async () => {
  const client = await dial(port);
  const counters = await slowed({ factor: 5 }, async () => {
    const pipeline = [nap(0.01), command('SET', 'a', '1'), nap(0.02), command('GET', 'a')];
    expect(
      await timed(() => say(client, Buffer.concat(pipeline), `${ok}${ok}${ok}$1\r\n1\r\n`)),
    ).toBeGreaterThanOrEqual(150);
  });
  expect(counters).toMatchObject({ queries: 4, slowedQueries: 4 });
  client.destroy();
});

test('only the commands that are meant take longer', async () => {
  const client = await dial(port);
  await say(client, command('SET', 'cart:1', 'x'), ok);
  const counters = await slowed({ delayMs: 100, statements: ['get cart:*'] }, async () => {
    await say(client, command('GET', 'stock:1'), '$-1\r\n');
    expect(await timed(() => say(client, command('get', 'cart:1'), '$1\r\nx\r\n'))).toBeGreaterThanOrEqual(100);
  });
  expect(counters).toMatchObject({ queries: 1, slowedQueries: 1 });
  client.destroy();
});

test('a transaction goes through, and its work is slowed', async () => {
  const client = await dial(port);
  await slowed({ delayMs: 5 }, async () => {
    const transaction = [command('MULTI'), command('SET', 't', '1'), command('INCR', 't'), command('EXEC')];
    await say(client, Buffer.concat(transaction), `${ok}+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:2\r\n`);
    await say(client, Buffer.concat([command('MULTI'), command('DISCARD')]), ok + ok);
  });
  client.destroy();
});

test('whoever waits for a job waits no longer than until there is one', async () => {
  const [worker, other] = [await dial(port), await dial(redis.port)];
  const job = '*2\r\n$4\r\njobs\r\n$4\r\nmail\r\n';
  const counters = await slowed({ factor: 1000 }, async () => {
    worker.write(command('BLPOP', 'jobs', '10'));
    await new Promise((resolve) => setTimeout(resolve, 100)); // would be 100 s
    other.write(command('RPUSH', 'jobs', 'mail'));
    expect((await read(worker, job.length)).toString()).toBe(job);
  });
  expect(counters).toMatchObject({ queries: 0, malformedConnections: 0 });
  worker.destroy();
  other.destroy();
});

test('a subscription hears everything at once, and is counted', async () => {
  const subscriber = await dial(port);
  const counters = await slowed({ delayMs: 10_000 }, async () => {
    await say(subscriber, command('SUBSCRIBE', 'news'), '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n');
    await redisCli(redis.port, 'publish', 'news', 'hello');
    const message = '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n';
    expect((await read(subscriber, message.length)).toString()).toBe(message);
  });
  expect(counters).toMatchObject({ queries: 0, subscriptionConnections: 1 });
  subscriber.destroy();
});

test('what RESP3 pushes between the replies is no reply', async () => {
  const [client, other] = [await dial(port), await dial(redis.port)];
  client.write(command('HELLO', '3'));
  await new Promise((resolve) => client.once('data', resolve));
  await say(client, command('CLIENT', 'TRACKING', 'ON', 'BCAST'), ok);
  const counters = await slowed({ delayMs: 20 }, async () => {
    await say(other, command('SET', 'tracked', '1'), ok);
    const pushed = '>2\r\n$10\r\ninvalidate\r\n*1\r\n$7\r\ntracked\r\n';
    expect((await read(client, pushed.length)).toString()).toBe(pushed);
    for (let round = 0; round < 3; round += 1)
      expect(await timed(() => say(client, command('GET', 'tracked'), '$1\r\n1\r\n'))).toBeGreaterThanOrEqual(20);
  });
  expect(counters).toMatchObject({ queries: 3, malformedConnections: 0 });
  client.destroy();
  other.destroy();
});

test('a large value comes whole, while it is slowed', async () => {
  const big = Buffer.alloc(30_000_000);
  for (let at = 0; at < big.length; at += 8) big.writeDoubleLE(Math.sin(at), at);
  const client = await dial(port);
  const counters = await slowed({ delayMs: 50 }, async () => {
    client.write(command('SET', 'big', big));
    await read(client, ok.length);
    client.write(command('GET', 'big'));
    const head = `$${big.length}\r\n`;
    const whole = await read(client, head.length + big.length + 2);
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(whole.subarray(head.length, -2))).toBe(hash(big));
  });
  expect(counters).toMatchObject({ queries: 2 });
  client.destroy();
});
