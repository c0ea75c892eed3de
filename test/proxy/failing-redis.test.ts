import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { has, needs } from '../support/needs.ts';
import { command, redisCli, startRedis } from './support/redis.ts';
import { dial, fate, type Rig, read, startRig } from './support/rig.ts';
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

const busy = { of: 'statements', rate: 1, seed: 's', code: 'BUSY', state: 'HY000', message: 'ask later' };
const error = '-BUSY ask later\r\n';
const ok = '+OK\r\n';

/** Lets commands fail while `work` is done. @returns what the proxy counted */
async function failing(settings: JsonObject, work: () => Promise<void>) {
  faults += 1;
  const id = `failure-${faults}`;
  await rig.control.add('redis', { id, kind: 'query-failure', settings: { ...busy, ...settings } });
  try {
    await work();
  } finally {
    await rig.control.remove('redis', id);
  }
  return rig.control.counters('redis', id);
}

async function say(client: Socket, bytes: Buffer, answer: string): Promise<void> {
  client.write(bytes);
  expect((await read(client, Buffer.byteLength(answer))).toString()).toBe(answer);
}

test("a command of Redis' own client fails without reaching the server, and works again afterwards", async () => {
  const counters = await failing({}, async () => {
    expect(await redisCli(port, 'set', 'a', '1')).toBe('BUSY ask later');
  });
  expect(counters).toMatchObject({ failed: 1, malformedConnections: 0 });
  expect(await redisCli(redis.port, 'exists', 'a')).toBe('0');
  expect(await redisCli(port, 'set', 'a', '1')).toBe('OK');
});

test('commands that were sent ahead are answered in order', async () => {
  const client = await dial(port);
  const counters = await failing({ statements: ['set b'] }, async () => {
    const pipeline = [
      command('SET', 'c', '1'),
      command('SET', 'b', '2'),
      command('GET', 'c'),
      Buffer.from('SET b 3\r\n'),
    ];
    await say(client, Buffer.concat(pipeline), `${ok}${error}$1\r\n1\r\n${error}`);
  });
  expect(counters).toMatchObject({ asked: 4, matching: 2, failed: 2, malformedConnections: 0 });
  await say(client, command('GET', 'b'), '$-1\r\n');
  client.destroy();
});

test('a transaction with a failed command is refused by the server, and the next one goes through', async () => {
  const client = await dial(port);
  await failing({ statements: ['incr'] }, async () => {
    const discarded = '-EXECABORT Transaction discarded because of previous errors.\r\n';
    const transaction = [command('MULTI'), command('SET', 't', '1'), command('INCR', 't'), command('EXEC')];
    await say(client, Buffer.concat(transaction), `${ok}+QUEUED\r\n${error}${discarded}`);
  });
  await say(
    client,
    Buffer.concat([command('MULTI'), command('INCR', 'u'), command('EXEC')]),
    `${ok}+QUEUED\r\n*1\r\n:1\r\n`,
  );
  client.destroy();
});

test('commands and answers that come in pieces, and large ones, keep their order', async () => {
  const client = await dial(port);
  const value = Buffer.alloc(300_000, 'x');
  await say(client, command('SET', 'large', value), ok);
  await failing({ statements: ['set small', 'get small'] }, async () => {
    const bytes = Buffer.concat([
      command('GET', 'large'),
      command('SET', 'small', 'y'.repeat(5000)),
      command('MSET', 'large', value, 'other', 'z'),
      command('GET', 'small'),
      command('GET', 'other'),
    ]);
    for (let at = 0; at < bytes.length; at += 997) client.write(bytes.subarray(at, at + 997));
    const answer = (await read(client, 9 + value.length + 2 + error.length + 5 + error.length + 7)).toString();
    expect(answer.slice(9 + value.length)).toBe(`\r\n${error}${ok}${error}$1\r\nz\r\n`);
  });
  client.destroy();
});

test('new sessions are refused as by a server that takes no more, and open ones go on', async () => {
  const client = await dial(port);
  await say(client, command('PING'), '+PONG\r\n');
  const refusal = { of: 'sessions', code: 'ERR', message: 'max number of clients reached' };
  const counters = await failing(refusal, async () => {
    const other = await dial(port);
    await say(other, command('PING'), '-ERR max number of clients reached\r\n');
    expect(await fate(other)).toBe('ended');
    await say(client, command('PING'), '+PONG\r\n');
  });
  expect(counters).toMatchObject({ asked: 1, failed: 1 });
  client.destroy();
});

test('what opens a session or a subscription passes', async () => {
  const client = await dial(port);
  const counters = await failing({}, async () => {
    await say(client, command('SELECT', '1'), ok);
    await say(client, command('GET', 'a'), error);
    await say(client, command('SUBSCRIBE', 'news'), '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n');
    await say(client, command('PING'), '*2\r\n$4\r\npong\r\n$0\r\n\r\n');
  });
  expect(counters).toMatchObject({ failed: 1, subscriptionConnections: 1 });
  client.destroy();
});
