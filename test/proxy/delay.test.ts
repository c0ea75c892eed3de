import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { delayOf, dial, fate, type Rig, read, serve, startRig } from './support/rig.ts';

let rig: Rig;
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  rig = await startRig();
  server = await serve((socket) => void socket.pipe(socket));
});
afterAll(async () => {
  await server.close();
  await rig.stop();
});

async function roundTripMs(client: Socket): Promise<number> {
  const sent = performance.now();
  client.write('x');
  await read(client, 1);
  return performance.now() - sent;
}

test('a round trip grows by the latency in each direction that is delayed, on connections that exist as well', async () => {
  const client = await dial(await rig.link('directions', server.port));
  await roundTripMs(client);
  for (const [direction, times] of [
    ['upstream', 1],
    ['downstream', 1],
    ['both', 2],
  ] as const) {
    await rig.control.add('directions', delayOf(direction, 40, { direction }));
    const tripMs = await roundTripMs(client);
    expect(tripMs).toBeGreaterThanOrEqual(40 * times);
    const counters = await rig.control.remove('directions', direction);
    expect(counters).toMatchObject({ connections: 1, chunks: times, bytes: times, delayedChunks: times, inForce: 0 });
    expect(counters.delayMinMs).toBeGreaterThanOrEqual(40);
  }
  client.destroy();
});

test('what is sent one after the other is delayed side by side', async () => {
  const client = await dial(await rig.link('pipelined', server.port));
  await rig.control.add('pipelined', delayOf('slow', 200));
  const began = performance.now();
  for (let index = 0; index < 20; index += 1) {
    client.write(String(index % 10));
    await new Promise(setImmediate);
  }
  expect(String(await read(client, 20))).toBe('01234567890123456789');
  const tookMs = performance.now() - began;
  expect(tookMs).toBeGreaterThanOrEqual(200);
  expect(tookMs).toBeLessThan(20 * 200);
  client.destroy();
});

test('the end and a reset are delayed with the bytes before them', async () => {
  const script = await serve(async (socket) => {
    const order = String((await once(socket, 'data'))[0]);
    socket.write('last words');
    if (order === 'end') socket.end();
    else setImmediate(() => socket.resetAndDestroy());
  });
  const port = await rig.link('endings', script.port);
  await rig.control.add('endings', delayOf('slow', 60));
  for (const [order, expected] of [
    ['end', 'ended'],
    ['reset', 'reset'],
  ] as const) {
    const client = await dial(port);
    const began = performance.now();
    client.write(order);
    const heard: Buffer[] = [];
    client.on('data', (bytes) => heard.push(bytes));
    expect(await fate(client)).toBe(expected);
    expect(performance.now() - began).toBeGreaterThanOrEqual(60);
    expect(String(Buffer.concat(heard))).toBe('last words');
    client.destroy();
  }
  await script.close();
});

test('jitter neither reorders nor makes a delay negative', async () => {
  const client = await dial(await rig.link('jitter', server.port));
  await rig.control.add('jitter', delayOf('shaky', 5, { jitterMs: 20 }));
  let sent = '';
  for (let index = 0; index < 50; index += 1) {
    sent += `${index},`;
    client.write(`${index},`);
    // Each is a chunk of its own when it is sent after the one before it came.
    while ((await rig.control.counters('jitter', 'shaky')).chunks === index) await new Promise(setImmediate);
  }
  expect(String(await read(client, sent.length))).toBe(sent);
  const counters = await rig.control.counters('jitter', 'shaky');
  expect(counters.delayMinMs).toBeGreaterThanOrEqual(0);
  expect(counters.delayMaxMs).toBeGreaterThan(counters.delayMinMs!);
  client.destroy();
});

test('a share of the connections is hit, and the same one for the same seed', async () => {
  async function hit(link: string, seed: string): Promise<number> {
    const port = await rig.link(link, server.port);
    await rig.control.add(link, delayOf('some', 1, { share: 0.3, seed }));
    for (let index = 0; index < 60; index += 1) {
      const client = await dial(port);
      await roundTripMs(client);
      client.destroy();
    }
    return (await rig.control.counters(link, 'some')).connections!;
  }
  const [first, again] = [await hit('share-1', 'seed'), await hit('share-2', 'seed')];
  expect(first).toBe(again);
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(60);
});

test('what waits when the delay is removed goes on at once', async () => {
  const client = await dial(await rig.link('lifted', server.port));
  await rig.control.add('lifted', delayOf('endless', 3_600_000));
  client.write('hello');
  // The server has it when the proxy has taken its echo.
  while ((await rig.control.counters('lifted', 'endless')).bytes !== 5) await new Promise(setImmediate);
  expect(await rig.control.remove('lifted', 'endless')).toMatchObject({ delayedChunks: 0, cutShortChunks: 1 });
  expect(String(await read(client, 5))).toBe('hello');
  client.destroy();
});
