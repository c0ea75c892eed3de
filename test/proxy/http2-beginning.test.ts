import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:http2';
import { request } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiDelay } from '../../src/injectors/api-delay/index.ts';
import { apiFailure } from '../../src/injectors/api-failure/index.ts';
import { decodeFields } from '../../src/parser/decode.ts';
import { ask, serveHttp } from './support/http.ts';
import { onProxy } from './support/on-proxy.ts';
import { delayOf, dial, fate, type Rig, read, serve, startRig } from './support/rig.ts';
import { certificate } from './support/server.ts';

/* What a client says first on a link with protocol http2 tells whether it speaks that. */

let rig: Rig;
let web: Awaited<ReturnType<typeof serveHttp>>;
let echo: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  rig = await startRig();
  web = await serveHttp((_, answer) => answer.end('hello'));
  echo = await serve((socket) => void socket.pipe(socket));
});
afterAll(async () => {
  await web.close();
  await echo.close();
  await rig.stop();
});

async function injected(fault: typeof apiFailure | typeof apiDelay, link: string, id: string) {
  const injection = onProxy(rig, fault, decodeFields(fault.parameters, { rate: '100%' }), link, id);
  await injection.inject();
  return injection;
}

test('HTTP/1.1 passes as it is, and the run says that it could not look inside', async () => {
  const port = await rig.link('http1', web.port, 'http2');
  const { total, undo } = await injected(apiFailure, 'http1', 'failure');
  const { total: totalOfDelay } = await injected(apiDelay, 'http1', 'delay');
  for (const answer of await Promise.all([ask(port), ask(port)]))
    expect(answer).toMatchObject({ status: 200, body: Buffer.from('hello') });
  const said =
    'no request passed while it was in force; 2 connections passed untouched: this is not HTTP/2 in the clear (it may be TLS, or HTTP/1.1)';
  expect(await total()).toMatchObject({ seen: 'unseen', summary: said, figures: { unreadableConnections: 2 } });
  expect((await totalOfDelay()).summary).toBe(said);
  await undo();
});

test('TLS passes as it is, HTTP/2 within it as well, and faults of the stream of bytes work on it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-tls-'));
  const { key, cert } = certificate(folder);
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = await rig.link('tls', (server.address() as AddressInfo).port, 'http2');
  await rig.control.add('tls', delayOf('late', 50));
  const { total } = await injected(apiFailure, 'tls', 'failure');
  const startMs = performance.now();
  const asked = request({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false });
  asked.end();
  const [response] = await once(asked, 'response');
  expect(response.statusCode).toBe(200);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(49.9);
  expect((await total()).summary).toContain('1 connection passed untouched: this is not HTTP/2 in the clear');
  response.resume();
  await once(response, 'end');
  server.close();
  rmSync(folder, { recursive: true });
});

test('such connections end and break as on a plain link, and a fault that comes later counts them', async () => {
  const port = await rig.link('plain', echo.port, 'http2');
  const client = await dial(port);
  client.end('PRIvate words');
  expect(String(await read(client, 13))).toBe('PRIvate words');
  expect(await fate(client)).toBe('ended');
  const broken = await dial(port);
  broken.write('hello');
  await read(broken, 5);
  const { total } = await injected(apiFailure, 'plain', 'failure');
  expect((await total()).summary).toContain('1 connection passed untouched');
  for (const socket of echo.sockets) socket.resetAndDestroy();
  expect(await fate(broken)).toBe('reset');
});

test('one that only connects and goes is no stranger, and the server sees it', async () => {
  const seen: string[] = [];
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on('end', () => {
      seen.push('ended');
      socket.end();
    });
    socket.resume();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = await rig.link('goes', (server.address() as AddressInfo).port, 'http2');
  const { total } = await injected(apiFailure, 'goes', 'failure');
  const client = await dial(port);
  client.end();
  expect(await fate(client)).toBe('ended');
  expect(seen).toEqual(['ended']);
  expect((await total()).summary).toBe('no request passed while it was in force');
  (await dial(port)).resetAndDestroy();
  server.close();
});

test('HTTP/2 is known when its first words come in pieces', async () => {
  const server = createServer((_, answer) => void answer.end('hello'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = await rig.link('pieces', (server.address() as AddressInfo).port, 'http2');
  await rig.control.add('pieces', {
    id: 'slices',
    kind: 'slicer',
    settings: { averageBytes: 5, variationBytes: 0, delayMs: 1, direction: 'upstream', seed: 'seed' },
  });
  const { total } = await injected(apiFailure, 'pieces', 'failure');
  const session = connect(`http://127.0.0.1:${port}`);
  const [headers] = await once(session.request({ ':path': '/' }), 'response');
  expect(headers[':status']).toBe(503);
  expect(await total()).toMatchObject({ seen: 'seen', figures: { unreadableConnections: 0 } });
  session.destroy();
  server.close();
});
