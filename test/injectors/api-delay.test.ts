import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiDelay } from '../../src/injectors/api-delay/index.ts';
import { decodeFields } from '../../src/parser/decode.ts';
import { ask, serveHttp } from '../proxy/support/http.ts';
import { onProxy, proxyTarget } from '../proxy/support/on-proxy.ts';
import { type Rig, startRig } from '../proxy/support/rig.ts';

let rig: Rig;
let server: Awaited<ReturnType<typeof serveHttp>>;

beforeAll(async () => {
  [rig, server] = await Promise.all([startRig(), serveHttp((_, answer) => answer.end('hello'))]);
});
afterAll(async () => {
  await rig.stop();
  await server.close();
});

async function injected(id: string, written: Parameters<typeof decodeFields>[1]) {
  const port = await rig.link(id, server.port, 'http');
  const injection = onProxy(rig, apiDelay, decodeFields(apiDelay.parameters, written), id, id);
  await injection.inject();
  return { port, ...injection };
}

test('by default every answer comes half a second later, and the effect says so', async () => {
  const { port, inForce, total, gone, undo } = await injected('default', {});
  expect(await inForce()).toMatchObject({ seen: 'pending' });
  const began = performance.now();
  await ask(port);
  expect(performance.now() - began).toBeGreaterThanOrEqual(500);
  const effect = await total();
  expect(effect.summary).toMatch(/^1 of 1 request delayed by 50[0-9]\.[0-9] ms on average \(asked 500 ms\)$/);
  expect(effect).toMatchObject({ seen: 'seen', figures: { requests: 1, delayedRequests: 1, askedMs: 500 } });
  expect(await gone()).toBe('it is still in force in the proxy');
  await undo();
  expect(await gone()).toBeUndefined();
});

test('only what matches is delayed, and of that the share that was asked for', async () => {
  const { port, total, undo } = await injected('share', { latency: '1ms', rate: '30%', match: { path: '/slow' } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let index = 0; index < 500; index += 1) {
    await ask(port, { agent, path: '/slow' });
    await ask(port, { agent, path: '/quick' });
  }
  const { summary, figures } = await total();
  expect(figures).toMatchObject({ requests: 1000, matchingRequests: 500 });
  const { delayedRequests, meanMs, errorMs } = figures as Record<string, number>;
  expect(Math.abs(delayedRequests! - 150)).toBeLessThan(2.576 * Math.sqrt(500 * 0.3 * 0.7));
  expect(meanMs! - errorMs!).toBeCloseTo(1, 5);
  expect(summary).toMatch(/^[0-9]+ of 1000 requests delayed by [0-9.]+ ms on average \(asked 1 ms\) \(500 matched\)$/);
  await undo();
  agent.destroy();
});

test('what was held when it was lifted is told apart, and without a request it is unseen', async () => {
  const { port, total, undo } = await injected('lifted', { latency: '1h' });
  expect(await total()).toMatchObject({ seen: 'unseen', summary: 'no request passed while it was in force' });
  const asked = ask(port);
  while ((await total()).figures.requests !== 1) await new Promise(setImmediate);
  expect((await total()).summary).toBe('the answers to 1 of 1 request held back, none for the whole delay');
  await undo();
  expect((await asked).status).toBe(200);
});

test('refuses a link whose requests cannot be told apart', () => {
  expect(apiDelay.refuses!(proxyTarget('link', 'http'), {} as never)).toBeUndefined();
  expect(apiDelay.refuses!(proxyTarget('link', 'postgres'), {} as never)).toContain('add "protocol: http"');
});
