import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiFailure } from '../../src/injectors/api-failure/index.ts';
import type { ProxyFault } from '../../src/model/operation.ts';
import { decodeFields } from '../../src/parser/decode.ts';
import { ask, serveHttp } from './support/http.ts';
import { onProxy } from './support/on-proxy.ts';
import { delayOf, dial, fate, type Rig, serve, startRig } from './support/rig.ts';

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
    const { spentMs } = await metBy(link, faults, toServer);
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
