import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiBandwidth } from '../../src/injectors/api-bandwidth/index.ts';
import { decodeFields } from '../../src/parser/decode.ts';
import { ask, serveHttp } from '../proxy/support/http.ts';
import { onProxy, proxyTarget } from '../proxy/support/on-proxy.ts';
import { type Rig, startRig } from '../proxy/support/rig.ts';

const sizes: Record<string, number> = { '/large': 20_000, '/small': 100, '/empty': 0 };
let rig: Rig;
let server: Awaited<ReturnType<typeof serveHttp>>;

beforeAll(async () => {
  [rig, server] = await Promise.all([
    startRig(),
    serveHttp((asked, answer) => answer.end('x'.repeat(sizes[asked.url!]!))),
  ]);
});
afterAll(async () => {
  await rig.stop();
  await server.close();
});

async function injected(id: string, written: Parameters<typeof decodeFields>[1]) {
  const port = await rig.link(id, server.port, 'http');
  const injection = onProxy(rig, apiBandwidth, decodeFields(apiBandwidth.parameters, written), id, id);
  await injection.inject();
  return { port, ...injection };
}

test('by default each answer comes at 64 kB/s, and the effect says what it had', async () => {
  const { port, inForce, total, gone, undo } = await injected('default', {});
  expect(await inForce()).toMatchObject({ seen: 'pending' });
  expect(await total()).toMatchObject({ seen: 'unseen', summary: 'no request passed while it was in force' });
  await ask(port, { path: '/empty' });
  expect(await total()).toMatchObject({
    seen: 'unseen',
    summary: 'the answers to 1 request were not slowed down by the limit of 512 kbit/s',
  });
  const began = performance.now();
  await ask(port, { path: '/large' });
  expect(performance.now() - began).toBeGreaterThanOrEqual((1000 * 20_000) / 64_000);
  const { seen, summary, figures } = await total();
  expect(seen).toBe('seen');
  expect(summary).toMatch(/^the answers to 2 requests came at [0-9.]+ kbit\/s \(allowed 512 kbit\/s\)$/);
  expect(figures).toMatchObject({ requests: 2, slowedRequests: 2, bytes: 20_000, askedBytesPerSecond: 64_000 });
  expect(figures.bytesPerSecond).toBeLessThanOrEqual(64_000);
  expect(await gone()).toBe('it is still in force in the proxy');
  await undo();
  expect(await gone()).toBeUndefined();
});

test('answers so small that they pass in one piece are seen to be slow, too', async () => {
  const { port, total, undo } = await injected('small', { rate: '1kB/s' });
  await ask(port, { path: '/small' });
  expect(await total()).toMatchObject({ seen: 'seen', figures: { bytes: 100 } });
  await undo();
});

test('the share that was asked for is slowed down, or none that does not match', async () => {
  const { port, total, undo } = await injected('share', { rate: '1MB/s', share: '30%', match: { path: '/large' } });
  for (let index = 0; index < 200; index += 1) await ask(port, { path: index % 2 === 0 ? '/large' : '/empty' });
  const { figures } = await total();
  expect(figures).toMatchObject({ requests: 200, matchingRequests: 100 });
  const { slowedRequests, bytes } = figures as Record<string, number>;
  expect(Math.abs(slowedRequests! - 30)).toBeLessThan(3.29 * Math.sqrt(100 * 0.3 * 0.7));
  expect(bytes).toBe(20_000 * slowedRequests!);
  await undo();
});

test('refuses a link whose requests cannot be told apart, and two ways to say how many', () => {
  expect(apiBandwidth.refuses!(proxyTarget('link', 'http2'), {} as never)).toBeUndefined();
  expect(apiBandwidth.refuses!(proxyTarget('link', 'postgres'), {} as never)).toContain('add "protocol: http"');
  expect(apiBandwidth.contradiction!({ share: '10%', match: { every: 3 } })).toContain('"share" and "every"');
  expect(apiBandwidth.contradiction!({ rate: '1MB/s', match: { every: 3 } })).toBeUndefined();
});
