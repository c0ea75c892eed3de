import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiFailure } from '../../src/injectors/api-failure/index.ts';
import type { ProxyFault } from '../../src/model/operation.ts';
import { decodeFields } from '../../src/parser/decode.ts';
import { answerRateOf, ask, failureOf, readAll, serveHttp } from './support/http.ts';
import { onProxy } from './support/on-proxy.ts';
import { delayOf, dial, fate, type Rig, read, residentBytes, serve, startRig } from './support/rig.ts';

/* The order in which several faults stand on a link, as docs/links.md tells it. */

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const late = delayOf('late', 300, { direction: 'both' });
const cut = (direction: string): ProxyFault => ({
  id: 'cut',
  kind: 'reset',
  settings: { share: 1, seed: 'seed', afterBytes: 10, direction },
});

/** What somebody who is sent ten bytes and more gets of them before he is reset, and after how long that is. */
async function metBy(link: string, faults: ProxyFault[], toServer: boolean) {
  const server = await serve(() => {});
  const client = await dial(await rig.link(link, server.port));
  await expect.poll(() => server.sockets.size).toBe(1);
  const [accepted] = server.sockets;
  const [sender, receiver] = toServer ? [client, accepted!] : [accepted!, client];
  for (const fault of faults) await rig.control.add(link, fault);
  let got = '';
  receiver.on('data', (data) => {
    got += data;
  });
  const beganMs = performance.now();
  sender.write('ten bytes, and more');
  expect(await fate(receiver)).toBe('reset');
  const spentMs = performance.now() - beganMs;
  client.destroy();
  await server.close();
  return { got, spentMs };
}

describe('of two faults of bytes the one that began later stands nearer to the client', () => {
  it.each([
    ['what the server sends is delayed first, then counted', [late, cut('downstream')], false],
    ['what the client sends is delayed first, then counted', [cut('upstream'), late], true],
  ])('%s: they come late, and then the reset', async (link, faults, toServer) => {
    const { got, spentMs } = await metBy(link, faults, toServer);
    expect(got).toBe('ten bytes,');
    expect(spentMs).toBeGreaterThanOrEqual(299.9);
  });

  it.each([
    ['what the server sends is counted first, then delayed', [cut('downstream'), late], false],
    ['what the client sends is counted first, then delayed', [late, cut('upstream')], true],
  ])('%s: the reset comes, and none of the bytes', async (link, faults, toServer) => {
    const { got } = await metBy(link, faults, toServer);
    expect(got).toBe('');
  });
});

it.each([
  ['before', [true, false]],
  ['after', [false, true]],
])(
  'an answer that a fault of requests makes is delayed as the server’s are, when the delay began %s',
  async (link, order) => {
    const server = await serveHttp((_, answer) => answer.end('hello'));
    const port = await rig.link(link, server.port, 'http');
    const failure = onProxy(rig, apiFailure, decodeFields(apiFailure.parameters, { rate: '100%' }), link, 'failure');
    for (const isDelay of order) await (isDelay ? rig.control.add(link, delayOf('late', 200)) : failure.inject());
    const beganMs = performance.now();
    expect((await ask(port)).status).toBe(503);
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(199.9);
    await server.close();
  },
);

/** They let go of what waits in them by and by. */
const letGo: ProxyFault[] = [
  { id: 'narrow', kind: 'bandwidth', settings: { bytesPerSecond: 20e6, per: 'link', direction: 'both', share: 1 } },
  { id: 'lossy', kind: 'loss', settings: { rate: 0, roundTripMs: 1, direction: 'both', seed: 'seed' } },
  delayOf('late', 20, { direction: 'both' }),
];

describe.each(letGo)('behind $kind', (fault) => {
  it('a request that fails is read to the end of its body', async () => {
    const server = await serveHttp((_, answer) => answer.end('hello'));
    const link = `fails-${fault.id}`;
    const port = await rig.link(link, server.port, 'http');
    await rig.control.add(link, failureOf('failing'));
    await rig.control.add(link, fault);
    const body = Buffer.alloc(fault.kind === 'delay' ? 40e6 : 4e6); // more than may wait
    expect((await ask(port, { method: 'POST', body })).status).toBe(503);
    await server.close();
  });

  it('an answer of ours that has no body is whole, and so is the end behind it', async () => {
    const server = await serveHttp((_, answer) => answer.end('hello'));
    const link = `empty-${fault.id}`;
    const port = await rig.link(link, server.port, 'http');
    await rig.control.add(link, answerRateOf('slow', 1000));
    await rig.control.add(link, failureOf('failing', { body: '' }));
    await rig.control.add(link, fault);
    const client = await dial(port);
    const all = readAll(client);
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(String(await all)).toMatch(/^HTTP\/1.1 503 .*\r\n\r\n$/s);
    client.destroy();
    await server.close();
  });

  it('what is lost is read on and on', async () => {
    let sent = 0;
    const server = await serve((socket) => {
      const send = () =>
        socket.write(Buffer.alloc(1e6), (error) => {
          if (error) return;
          sent += 1e6;
          if (sent < 60e6) send();
        });
      socket.once('data', send);
    });
    const link = `lost-${fault.id}`;
    const port = await rig.link(link, server.port);
    await rig.control.add(link, fault);
    await rig.control.add(link, {
      id: 'pit',
      kind: 'timeout',
      settings: { timeoutMs: 0, direction: 'downstream', share: 1 },
    });
    const client = await dial(port);
    client.write('go');
    await expect.poll(() => sent, { timeout: 20_000 }).toBe(60e6);
    client.destroy();
    await server.close();
  });
});

it('pieces that wait are counted as what they weigh', async () => {
  const server = await serve((socket) => void socket.once('data', () => socket.write(Buffer.alloc(20e6))));
  const port = await rig.link('pieces', server.port);
  const slices = { averageBytes: 10, variationBytes: 0, delayMs: 0, direction: 'downstream', share: 1, seed: 'seed' };
  await rig.control.add('pieces', { id: 'slicer', kind: 'slicer', settings: slices });
  await rig.control.add('pieces', delayOf('late', 1000));
  const before = residentBytes(rig);
  const client = await dial(port);
  client.write('go');
  await expect
    .poll(async () => (await rig.control.counters('pieces', 'late')).delayedChunks!, { timeout: 20_000 })
    .toBeGreaterThan(0);
  expect(residentBytes(rig) - before).toBeLessThan(150 * 1024 * 1024);
  client.destroy();
  await server.close();
});

it('who cuts much into small pieces leaves time for others', async () => {
  const source = await serve((socket) => void socket.once('data', () => socket.write(Buffer.alloc(2e6))));
  const echo = await serve((socket) => void socket.pipe(socket));
  const port = await rig.link('small', source.port);
  const slices = { averageBytes: 2, variationBytes: 0, delayMs: 0, direction: 'downstream', share: 1, seed: 'seed' };
  await rig.control.add('small', { id: 'slicer', kind: 'slicer', settings: slices });
  const other = await dial(await rig.link('other', echo.port));
  const client = await dial(port);
  let heard = 0;
  client.on('data', (data: Buffer) => {
    heard += data.length;
  });
  client.write('go');
  let trips = 0;
  for (; heard < 2e6; trips += 1) {
    other.write('x');
    await read(other, 1);
  }
  expect(trips).toBeGreaterThan(50);
  client.destroy();
  other.destroy();
  await source.close();
  await echo.close();
});
