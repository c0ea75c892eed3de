import { afterAll, beforeAll, expect, test } from 'vitest';
import { networkDelay } from '../../src/injectors/network-delay/index.ts';
import { milliseconds } from '../../src/model/duration.ts';
import { onProxy } from '../proxy/support/on-proxy.ts';
import { dial, type Rig, read, serve, startRig } from '../proxy/support/rig.ts';

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

const parameters = {
  latency: milliseconds(30),
  jitter: milliseconds(0),
  distribution: 'uniform',
  direction: 'downstream',
  share: 1,
};

test('says how many bytes it delayed, and by how much', async () => {
  const client = await dial(await rig.link('link', server.port));
  const injection = onProxy(rig, networkDelay, parameters, 'link', 'step-1');
  await injection.inject();
  expect(await injection.inForce()).toMatchObject({ seen: 'pending' });
  for (let round = 0; round < 3; round += 1) {
    client.write('ping');
    expect(String(await read(client, 4))).toBe('ping');
  }
  const effect = await injection.total();
  expect(effect.seen).toBe('seen');
  expect(effect.summary).toMatch(/^12 B on 1 connection delayed by [0-9.]+ ms on average \(asked 30 ms\)$/);
  expect(effect.figures).toMatchObject({ bytes: 12, chunks: 3, connections: 1, askedMs: 30 });
  expect(effect.figures.minMs).toBeGreaterThanOrEqual(30);
  expect(await injection.gone()).toBe('it is still in force in the proxy');
  await injection.undo();
  await injection.undo();
  expect(await injection.gone()).toBeUndefined();
  client.destroy();
});

test('is unseen when nothing passed', async () => {
  const client = await dial(await rig.link('quiet', server.port));
  const injection = onProxy(rig, networkDelay, parameters, 'quiet', 'step-2');
  await injection.inject();
  expect(await injection.total()).toMatchObject({ seen: 'unseen', figures: { bytes: 0, meanMs: null } });
  await injection.undo();
  client.destroy();
});

test('bytes that were held back but not to their end are an effect', async () => {
  const client = await dial(await rig.link('long', server.port));
  const injection = onProxy(rig, networkDelay, { ...parameters, latency: milliseconds(3_600_000) }, 'long', 'step-3');
  await injection.inject();
  client.write('ping');
  while ((await injection.total()).seen !== 'seen') await new Promise(setImmediate);
  expect((await injection.total()).summary).toBe('4 B on 1 connection held back, none for the whole delay');
  await injection.undo();
  expect(String(await read(client, 4))).toBe('ping');
  client.destroy();
});
