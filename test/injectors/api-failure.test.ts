import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiFailure } from '../../src/injectors/api-failure/index.ts';
import { decodeFields } from '../../src/parser/decode.ts';
import { ask, readUntil, serveHttp } from '../proxy/support/http.ts';
import { onProxy, proxyTarget } from '../proxy/support/on-proxy.ts';
import { dial, type Rig, startRig } from '../proxy/support/rig.ts';

let rig: Rig;
let server: Awaited<ReturnType<typeof serveHttp>>;

beforeAll(async () => {
  [rig, server] = await Promise.all([startRig(), serveHttp((_, answer) => answer.end('hello'))]);
});
afterAll(async () => {
  await rig.stop();
  await server.close();
});

/** An injection with these parameters as an author writes them, on a link of its own. */
async function injected(id: string, written: Parameters<typeof decodeFields>[1]) {
  const port = await rig.link(id, server.port, 'http');
  const injection = onProxy(rig, apiFailure, decodeFields(apiFailure.parameters, written), id, id);
  await injection.inject();
  return { port, ...injection };
}

test('by default half of the requests fail with 503, and the effect says how many', async () => {
  const { port, inForce, total, gone, undo } = await injected('default', {});
  expect(await inForce()).toMatchObject({ seen: 'pending' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let failed = 0;
  for (let index = 0; index < 400; index += 1) if ((await ask(port, { agent })).status === 503) failed += 1;
  expect(Math.abs(failed - 200)).toBeLessThan(2.576 * 10);
  expect(await total()).toEqual({
    seen: 'seen',
    summary: `${failed} of 400 requests failed with status 503`,
    figures: {
      requests: 400,
      matchingRequests: 400,
      passedRequests: 400 - failed,
      failedRequests: failed,
      unansweredFailures: 0,
      failureRate: failed / 400,
      unreadableConnections: 0,
    },
  });
  expect(await gone()).toBe('it is still in force in the proxy');
  await undo();
  expect(await gone()).toBeUndefined();
  for (let index = 0; index < 20; index += 1) expect((await ask(port, { agent })).status).toBe(200);
  agent.destroy();
});

test('the answer is as it was written', async () => {
  const { port, undo } = await injected('answer', {
    rate: '100%',
    status: 429,
    body: '{"später":true}',
    headers: { 'content-type': 'application/json' },
    retryAfter: '1500ms',
  });
  const { status, headers, body } = await ask(port);
  expect(status).toBe(429);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'retry-after': '2', 'content-length': '16' });
  expect(String(body)).toBe('{"später":true}');
  await undo();
});

test('only what matches fails: by one method or several, path and header, the first ones, every second', async () => {
  const { port, total, undo } = await injected('match', {
    match: { method: ['PUT', 'DELETE'], path: '/orders/*', header: { 'x-tenant': 'acme' }, first: 3, every: 2 },
  });
  const matching = { method: 'PUT', path: '/orders/1', headers: { 'x-tenant': 'acme' } };
  const statuses: number[] = [];
  for (const one of [matching, {}, matching, { ...matching, method: 'GET' }, matching, matching])
    statuses.push((await ask(port, one)).status);
  expect(statuses).toEqual([200, 200, 503, 200, 200, 200]);
  expect((await total()).summary).toBe('1 of 6 requests failed with status 503 (4 matched)');
  await undo();
});

test.each([
  ['before', 'by a connection that closed without an answer'],
  ['middle', 'in the middle of the answer'],
  ['reset', 'by a reset of the connection'],
])('with abort: %s the connection breaks', async (abort, said) => {
  const { port, total, undo } = await injected(`abort-${abort}`, { rate: '100%', abort });
  await expect(ask(port)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  expect(await total()).toMatchObject({ seen: 'seen', summary: `1 of 1 request failed ${said}` });
  await undo();
  expect((await ask(port)).status).toBe(200);
});

test('with abort: after the connection ends behind the answer', async () => {
  const { port, total, undo } = await injected('abort-after', { rate: '100%', abort: 'after' });
  expect((await ask(port)).status).toBe(200);
  expect(await total()).toMatchObject({
    seen: 'seen',
    summary: '1 of 1 request failed by a connection that closed behind the answer',
  });
  await undo();
});

test('is unseen when nothing matched, when nothing was hit, and when it could not look inside', async () => {
  const { port, total, undo } = await injected('unseen', { rate: '0%', match: { path: '/orders/*' } });
  expect(await total()).toMatchObject({ seen: 'unseen', summary: 'no request passed while it was in force' });
  const client = await dial(port);
  const heard = readUntil(client, '400 Bad Request');
  client.write('\x16\x03\x01 this is TLS');
  await heard;
  expect((await total()).summary).toBe(
    'no request passed while it was in force; 1 connection passed untouched: this is not HTTP/1.1 in the clear',
  );
  await ask(port);
  expect((await total()).summary).toMatch(/^none of 1 request matched; 1 connection/);
  await ask(port, { path: '/orders/1' });
  expect(await total()).toMatchObject({ seen: 'unseen' });
  expect((await total()).summary).toMatch(/^none of 1 matching request was hit; /);
  await undo();
});

test('refuses a link whose requests cannot be told apart, and says what to write', () => {
  expect(apiFailure.refuses!(proxyTarget('link', 'http'), {} as never)).toBeUndefined();
  expect(apiFailure.refuses!(proxyTarget('link', 'tcp'), {} as never)).toBe(
    '"link" carries plain tcp: add "protocol: http" (or http2) under its "proxy", so that requests can be told apart',
  );
});
