import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiChange } from '../../src/injectors/api-change/index.ts';
import { decodeFields } from '../../src/parser/decode.ts';
import { ask, serveHttp } from '../proxy/support/http.ts';
import { onProxy, proxyTarget } from '../proxy/support/on-proxy.ts';
import { type Rig, startRig } from '../proxy/support/rig.ts';

let rig: Rig;
let server: Awaited<ReturnType<typeof serveHttp>>;

beforeAll(async () => {
  [rig, server] = await Promise.all([startRig(), serveHttp((asked, answer) => answer.end(asked.headers.from))]);
});
afterAll(async () => {
  await rig.stop();
  await server.close();
});

test('says how many requests and responses it changed', async () => {
  const port = await rig.link('api', server.port, 'http');
  const written = { request: { set: { from: 'chaos' } }, response: { remove: ['date'] }, match: { path: '/a' } };
  const injection = onProxy(rig, apiChange, decodeFields(apiChange.parameters, written), 'api', 'step-1');
  await injection.inject();
  expect(await injection.inForce()).toMatchObject({ seen: 'pending' });
  expect(await injection.total()).toMatchObject({ seen: 'unseen', summary: 'no request passed while it was in force' });
  expect(String((await ask(port, { path: '/b' })).body)).toBe('');
  expect(await injection.total()).toMatchObject({ seen: 'unseen', summary: 'none of 1 request matched' });
  const changed = await ask(port, { path: '/a' });
  expect(String(changed.body)).toBe('chaos');
  expect(changed.headers).not.toHaveProperty('date');
  expect(await injection.total()).toMatchObject({
    seen: 'seen',
    summary: '1 of 2 requests changed, the responses to 1 of 2 requests changed (1 matched)',
    figures: { requests: 2, matchingRequests: 1, changedRequests: 1, changedResponses: 1 },
  });
  expect(await injection.gone()).toBe('it is still in force in the proxy');
  await injection.undo();
  expect(await injection.gone()).toBeUndefined();
  expect(String((await ask(port, { path: '/a' })).body)).toBe('');
});

test('refuses a link whose requests cannot be told apart', () => {
  expect(apiChange.refuses!(proxyTarget('link', 'http'), {} as never)).toBeUndefined();
  expect(apiChange.refuses!(proxyTarget('link', 'tcp'), {} as never)).toContain('add "protocol: http"');
  expect(apiChange.refuses!(proxyTarget('link', 'http2'), {} as never)).toBe(
    '"link" carries http2, and headers are changed in HTTP/1.1 only',
  );
});

test.each([
  [{}, 'nothing is changed: give a "request", a "response" or both'],
  [{ request: {} }, 'nothing is changed: give headers to "set", "add" or "remove"'],
  [{ request: { set: { 'a b': 'c' } } }, '"a b" is no name of a header'],
  [{ response: { add: { a: 'b\r\nc: d' } } }, 'the header a has a line break in its value'],
  [{ response: { remove: ['Content-Length'] } }, 'the header Content-Length frames the message: it cannot be changed'],
  [
    { request: { remove: ['a'] }, rate: '10%', match: { every: 3 } },
    '"rate" and "every" both say which of the requests are hit: leave one of them out',
  ],
  [{ request: { remove: ['a'] } }, undefined],
])('%j does or does not go together', (written, why) => {
  expect(apiChange.contradiction!(written)).toBe(why);
});
