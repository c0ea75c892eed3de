import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { delayOf, dial, promised, type Rig, read, residentBytes, serve, startRig } from './support/rig.ts';

let rig: Rig;
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  rig = await startRig();
  server = await serve((socket) => {
    socket.once('data', (wish) => {
      if (String(wish) === 'all') send(socket);
      else socket.write('little');
    });
  });
});
afterAll(async () => {
  await server.close();
  await rig.stop();
});

const block = Buffer.alloc(256 * 1024);

/** For as long as somebody reads. */
function send(socket: Socket): void {
  while (!socket.destroyed && socket.write(block));
  socket.once('drain', () => send(socket));
}

const narrow = (id: string, bytesPerSecond: number, more: JsonObject = {}) => ({
  id,
  kind: 'bandwidth',
  settings: { bytesPerSecond, per: 'link', direction: 'both', share: 1, seed: id, ...more },
});

/** A connection on which as much comes as passes. @returns how much that was so far, and since when it passes */
async function download(port: number) {
  const socket = await dial(port);
  const begun = promised<undefined>();
  let bytes = 0;
  socket.on('data', (data: Buffer) => {
    bytes += data.length;
    begun.resolve(undefined);
  });
  socket.write('all');
  await begun.promise;
  return { socket, bytes: () => bytes };
}

async function askForLittle(port: number): Promise<void> {
  const client = await dial(port);
  client.write('little');
  expect(String(await read(client, 6))).toBe('little');
  client.destroy();
}

it('lets a small answer pass beside a download that fills the line', async () => {
  const port = await rig.link('beside', server.port);
  await rig.control.add('beside', narrow('limit', 200_000));
  const much = await download(port);
  await expect.poll(much.bytes).toBeGreaterThan(100_000); // the line has a queue by now
  const before = much.bytes();
  await askForLittle(port);
  expect(much.bytes() - before).toBeLessThan(64 * 1024);
  much.socket.destroy();
});

it('does not go on with what a client wanted that is gone', async () => {
  const port = await rig.link('gone', server.port);
  await rig.control.add('gone', narrow('limit', 200_000));
  const much = await download(port);
  await expect.poll(much.bytes).toBeGreaterThan(100_000);
  const { bytes: before = 0 } = await rig.control.counters('gone', 'limit');
  much.socket.resetAndDestroy();
  await askForLittle(port);
  const { bytes: after = 0 } = await rig.control.remove('gone', 'limit');
  expect(after - before).toBeLessThan(64 * 1024);
});

it('is divided evenly among those that share it', async () => {
  const port = await rig.link('even', server.port);
  await rig.control.add('even', narrow('limit', 1_000_000));
  const all = await Promise.all([1, 2, 3, 4].map(() => download(port)));
  const before = all.map(({ bytes }) => bytes());
  const got = () => all.map(({ bytes }, index) => bytes() - before[index]!);
  await expect.poll(() => got().reduce((sum, one) => sum + one, 0), { timeout: 10_000 }).toBeGreaterThan(800_000);
  expect(Math.max(...got()) / Math.min(...got())).toBeLessThan(1.5);
  for (const { socket } of all) socket.destroy();
});

it('is had by the drawn share of connections only, and in its direction only', async () => {
  const port = await rig.link('some', server.port);
  await rig.control.add('some', narrow('limit', 1, { share: 0.5, seed: 'coin', direction: 'upstream' }));
  const answered: number[] = [];
  const clients = await Promise.all(Array.from({ length: 12 }, () => dial(port)));
  for (const [index, client] of clients.entries()) {
    client.once('data', () => answered.push(index));
    client.write('little');
  }
  const hit = async () => (await rig.control.counters('some', 'limit')).connections!;
  await expect.poll(async () => answered.length + (await hit())).toBe(clients.length);
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.length).toBeLessThan(clients.length);
  await rig.control.remove('some', 'limit');
  await expect.poll(() => answered.length).toBe(clients.length); // what waited went on
  for (const client of clients) client.destroy();
});

it('keeps a short queue for each of many slow connections', async () => {
  const port = await rig.link('many', server.port);
  await rig.control.add('many', narrow('limit', 8000, { per: 'connection' }));
  const before = residentBytes(rig);
  const all = await Promise.all(Array.from({ length: 60 }, () => download(port)));
  const total = () => all.reduce((sum, { bytes }) => sum + bytes(), 0);
  await expect.poll(total, { timeout: 10_000 }).toBeGreaterThan(500_000);
  expect(residentBytes(rig) - before).toBeLessThan(100 * 1024 * 1024);
  for (const { socket } of all) socket.destroy();
});

it('bounds what waits in all for clients that do not read, also when a delay has let go of it', async () => {
  const port = await rig.link('unread', server.port);
  await rig.control.add('unread', delayOf('late', 300));
  const before = residentBytes(rig);
  let most = 0;
  const taken = async () => (await rig.control.counters('unread', 'late')).bytes!;
  const waves: Socket[] = [];
  for (let wave = 0; wave < 3; wave += 1) {
    const clients = await Promise.all(Array.from({ length: 20 }, () => dial(port)));
    for (const client of clients) client.pause().write('all');
    waves.push(...clients);
    // Nothing more is taken once all of them have as much as they may.
    await expect
      .poll(
        async () => {
          const bytes = await taken();
          await pause(250);
          most = Math.max(most, residentBytes(rig) - before);
          return bytes > 0 && (await taken()) === bytes;
        },
        { timeout: 20_000 },
      )
      .toBe(true);
  }
  // 512 MiB may wait; the memory that it was read into holds somewhat more.
  expect(most).toBeGreaterThan(256 * 1024 * 1024);
  expect(most).toBeLessThan(900 * 1024 * 1024);
  for (const client of waves) client.destroy();
});
