import { Agent, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { ask, failureOf, readAll, readUntil, serveHttp } from './support/http.ts';
import { dial, promised, type Rig, serve, startRig } from './support/rig.ts';

let rig: Rig;
/** Tells the raw headers of what it was asked, and how long the body was. */
let server: Awaited<ReturnType<typeof serveHttp>>;

beforeAll(async () => {
  rig = await startRig();
  server = await serveHttp((asked, answer) => {
    let size = 0;
    asked.on('data', (part: Buffer) => {
      size += part.length;
    });
    asked.on('end', () => {
      answer.setHeader('ETag', '"1"');
      answer.setHeader('Set-Cookie', ['a=1', 'b=2']);
      answer.end(JSON.stringify({ headers: asked.rawHeaders, size }));
    });
  });
});
afterAll(async () => {
  await rig.stop();
  await server.close();
});

const changeOf = (id: string, more: JsonObject) => ({
  id,
  kind: 'http-change',
  settings: { rate: 1, seed: id, request: {}, response: {}, ...more },
});

test('headers of requests and responses are set, added and removed, and all else stays as it was', async () => {
  const port = await rig.link('both', server.port, 'http');
  const change = { set: { 'X-Tenant': 'ümlaut' }, add: { Accept: 'text/plain' }, remove: ['AUTHORIZATION'] };
  const settings = {
    request: change,
    response: { set: { etag: '"2"' }, add: { 'Set-Cookie': 'c=3' }, remove: ['Date'] },
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { 'x-tenant': 'acme', authorization: 'secret', accept: 'text/html' };
  const about = { agent, method: 'POST', headers, body: Buffer.alloc(1_000_000, 'x') };
  const plain = JSON.parse(String((await ask(port, about)).body));
  await rig.control.add('both', changeOf('change', settings));
  for (let round = 0; round < 3; round += 1) {
    const answer = await ask(port, about);
    expect(answer).toMatchObject({ status: 200, isReused: true });
    expect(answer.headers).toMatchObject({ etag: '"2"', 'set-cookie': ['a=1', 'b=2', 'c=3'] });
    expect(answer.headers).not.toHaveProperty('date');
    const { headers, size } = JSON.parse(String(answer.body));
    const untouched = plain.headers.slice();
    untouched.splice(untouched.indexOf('x-tenant'), 2);
    untouched.splice(untouched.indexOf('authorization'), 2);
    const tenant = Buffer.from('ümlaut').toString('latin1');
    expect(headers).toEqual([...untouched, 'X-Tenant', tenant, 'Accept', 'text/plain']);
    expect(size).toBe(1_000_000);
  }
  expect(await rig.control.remove('both', 'change')).toMatchObject({ changedRequests: 3, changedResponses: 3 });
  expect(JSON.parse(String((await ask(port, about)).body))).toEqual(plain);
  agent.destroy();
});

test('pipelined requests are changed one by one, each that is meant, in pieces of any size', async () => {
  const client = await dial(await rig.link('pipelined', server.port, 'http'));
  const settings = { path: '/b', request: { set: { 'x-here': 'yes' } }, response: { set: { 'x-there': 'yes' } } };
  await rig.control.add('pipelined', changeOf('change', settings));
  const all = readAll(client);
  const asked = ['/a', '/b', '/a', '/b'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');
  const bytes = Buffer.from(`${asked}GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  for (let at = 0; at < bytes.length; at += 17) {
    client.write(bytes.subarray(at, at + 17));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const answers = String(await all).split(/(?=HTTP\/1\.1 200)/);
  expect(answers.map((answer) => [answer.includes('x-there: yes'), answer.includes('x-here')])).toEqual(
    [false, true, false, true, false].map((is) => [is, is]),
  );
  client.destroy();
});

test('lines that continue a removed field go with it, and nothing else does', async () => {
  const heads: string[] = [];
  const origin = await serve((socket) => {
    socket.on('data', (bytes) => {
      heads.push(bytes.toString('latin1'));
      socket.write('HTTP/1.1 200 OK\r\nOld: a\r\n b\r\nX:1\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const client = await dial(await rig.link('folded', origin.port, 'http'));
  await rig.control.add('folded', changeOf('change', { request: { remove: ['old'] }, response: { remove: ['old'] } }));
  client.write('GET /old:1 HTTP/1.1\nHost: a\nOLD: a\n\tb\nOlder:  c \n\n');
  expect(await readUntil(client, '\r\n\r\n')).toBe('HTTP/1.1 200 OK\r\nX:1\r\nContent-Length: 0\r\n\r\n');
  expect(heads.join('')).toBe('GET /old:1 HTTP/1.1\nHost: a\nOlder:  c \n\n');
  client.destroy();
  await origin.close();
});

test('leave to send a body, streams and upgrades stay as they are', async () => {
  const upgraded = promised<Duplex>();
  const origin = await serveHttp(
    (_, answer) => {
      answer.write('one');
      setTimeout(() => answer.end('two'), 100);
    },
    (listening) => {
      listening.on('upgrade', (_, socket) => {
        upgraded.resolve(socket);
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
        socket.pipe(socket);
      });
    },
  );
  const port = await rig.link('intact', origin.port, 'http');
  await rig.control.add(
    'intact',
    changeOf('change', { request: { set: { 'x-a': '1' } }, response: { set: { 'x-b': '2' } } }),
  );
  const uploading = request({ port, method: 'PUT', headers: { expect: '100-continue', 'content-length': 5 } });
  const continued = new Promise<void>((resolve) => uploading.once('continue', resolve));
  const heard = new Promise<string[]>((resolve) =>
    uploading.once('response', (response) => {
      const parts: string[] = [String(response.headers['x-b'])];
      response.on('data', (part) => parts.push(String(part)));
      response.once('end', () => resolve(parts));
    }),
  );
  uploading.flushHeaders();
  await continued;
  uploading.end('hello');
  expect(await heard).toEqual(['2', 'one', 'two']);
  const client = await dial(port);
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  expect(await readUntil(client, '\r\n\r\n')).toContain('Upgrade: echo\r\nConnection: Upgrade\r\nx-b: 2\r\n\r\n');
  client.write('GET / HTTP/1.1\r\n\r\n');
  expect(await readUntil(client, '\r\n\r\n')).toBe('GET / HTTP/1.1\r\n\r\n');
  client.destroy();
  (await upgraded.promise).destroy();
  await origin.close();
});

test('what fails by another fault fails as it would', async () => {
  const port = await rig.link('failing', server.port, 'http');
  await rig.control.add('failing', changeOf('change', { response: { set: { 'x-b': '2' } }, every: 2 }));
  await rig.control.add('failing', failureOf('some', { path: '/fails' }));
  expect(await ask(port, { path: '/fails' })).toMatchObject({ status: 503 });
  const { headers } = await ask(port, { path: '/fine' });
  expect(headers['x-b']).toBe('2');
  expect((await ask(port, { path: '/fine' })).headers).not.toHaveProperty('x-b');
});
