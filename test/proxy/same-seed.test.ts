import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { delaysFrom } from '../../src/proxy/faults/delays.ts';
import { delayOf, dial, type Rig, read, serve, startRig } from './support/rig.ts';
import { ProxyServer, toxic } from './support/toxiproxy.ts';

/*
 * What chance decides comes from the seed, for each connection by itself: two proxies that are given the same seed do the
 * same to the same connections.
 */

let rigs: Rig[];
let echo: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  rigs = await Promise.all([startRig(), startRig()]);
  echo = await serve((socket) => void socket.pipe(socket));
});
afterAll(async () => {
  await Promise.all(rigs.map((rig) => rig.stop()));
  await echo.close();
});

/** What somebody sees of a fault with that seed: on both proxies, and of another seed. */
async function seenOf(name: string, look: (rig: Rig, link: string, seed: string) => Promise<string>) {
  const [first, second] = await Promise.all(rigs.map((rig) => look(rig, name, 'seed')));
  return { first, second, other: await look(rigs[0]!, `${name}-other`, 'other') };
}

it('the same bits are flipped', async () => {
  const { first, second, other } = await seenOf('corrupt', async (rig, link, seed) => {
    const port = await rig.link(link, echo.port);
    await rig.control.add(link, { id: 'fault', kind: 'corrupt', settings: { rate: 0.5, direction: 'both', seed } });
    const heard = createHash('sha256');
    for (let left = 3; left > 0; left -= 1) {
      const client = await dial(port);
      client.write(Buffer.alloc(20_000));
      heard.update(await read(client, 20_000));
      client.destroy();
    }
    return heard.digest('hex');
  });
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});

it('the slices are as many, message by message', async () => {
  const { first, second, other } = await seenOf('slicer', async (rig, link, seed) => {
    const port = await rig.link(link, echo.port);
    const settings = { averageBytes: 500, variationBytes: 400, delayMs: 0, direction: 'upstream', seed };
    await rig.control.add(link, { id: 'fault', kind: 'slicer', settings });
    const client = await dial(port);
    const pieces: number[] = [];
    for (let left = 20; left > 0; left -= 1) {
      client.write(Buffer.alloc(3000));
      await read(client, 3000);
      pieces.push((await rig.control.counters(link, 'fault')).pieces!);
    }
    client.destroy();
    return pieces.join();
  });
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});

it('the same connections are met', async () => {
  const { first, second, other } = await seenOf('share', async (rig, link, seed) => {
    const port = await rig.link(link, echo.port);
    await rig.control.add(link, delayOf('fault', 0, { share: 0.5, seed }));
    const met: number[] = [];
    for (let left = 20; left > 0; left -= 1) {
      const client = await dial(port);
      client.write('x');
      await read(client, 1);
      met.push((await rig.control.counters(link, 'fault')).connections!);
      client.destroy();
    }
    return met.join();
  });
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});

it('the delays are those that the seed draws, none shorter', async () => {
  const { settings, ...fault } = delayOf('fault', 20, { jitterMs: 20, seed: 'seed' });
  const drawn = Array.from({ length: 15 }, delaysFrom(settings).delaysOf(1, 'downstream')!);
  const { first, second } = await seenOf('jitter', async (rig, link, seed) => {
    const port = await rig.link(link, echo.port);
    await rig.control.add(link, { ...fault, settings: { ...settings, seed } });
    const client = await dial(port);
    const sumsMs = [0];
    for (let left = drawn.length; left > 0; left -= 1) {
      client.write('x');
      await read(client, 1);
      sumsMs.push((await rig.control.counters(link, 'fault')).delaySumMs!);
    }
    client.destroy();
    return sumsMs
      .slice(1)
      .map((sum, index) => sum - sumsMs[index]!)
      .join();
  });
  for (const seen of [first!, second!])
    for (const [index, ms] of seen.split(',').map(Number).entries())
      expect(ms).toBeGreaterThanOrEqual(drawn[index]! - 1e-6);
});

it('a server of proxies lets the same connections meet a toxic', async () => {
  const [first, second, other] = await Promise.all(
    ['7', '7', '8'].map(async (seed) => {
      const server = await ProxyServer.start('--seed', seed);
      const { proxy, port } = await server.proxy('echo', echo.port);
      await proxy.addToxic(toxic('reset_peer', { timeout: 0 }, { toxicity: 0.5 }));
      const answered = async () => {
        const client = await dial(port);
        client.write('x');
        await read(client, 1).finally(() => client.destroy());
      };
      let met = '';
      for (let left = 20; left > 0; left -= 1)
        met += await answered().then(
          () => '.',
          () => '!',
        );
      await server.end();
      return met;
    }),
  );
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});
