import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { networkFailure } from '../../src/probes/reasons/network.ts';
import { promised, serve } from '../proxy/support/rig.ts';
import { closedPort, type HttpServer, serveHttp } from './support/http-server.ts';
import { ask, open } from './support/open.ts';

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0)) await one.close();
});

async function server(listener: RequestListener): Promise<HttpServer> {
  const started = await serveHttp(listener);
  toClose.push(started);
  return started;
}

/** A server that says these bytes, whatever it is asked, and hangs up. */
async function rawServer(bytes: string): Promise<{ url: string; where: string }> {
  const started = await serve((socket) => socket.once('data', () => socket.end(bytes)));
  toClose.push(started);
  return { url: `http://127.0.0.1:${started.port}/`, where: `127.0.0.1:${started.port}` };
}

const answering = (status: number, body = '', type = 'application/json'): RequestListener => {
  return (_, response) => response.writeHead(status, { 'content-type': type }).end(body);
};

describe('what is good', () => {
  it('is any status 2xx, when nothing else is said', async () => {
    expect(await ask('http', await server(answering(204)).then(({ url }) => ({ url })))).toEqual({ good: true });
  });

  it('is not another status: the reason says what came, what was expected, and what the server said', async () => {
    const { url } = await server(answering(503, '{"error":"database is down"}'));
    const expectation = { status: 200 };
    expect(await ask('http', { url }, expectation)).toEqual({
      good: false,
      reason: 'status 503, expected 200: {"error":"database is down"}',
    });
  });

  it('may be one of several statuses, and classes of them', async () => {
    const { url } = await server(answering(404));
    expect(await ask('http', { url }, { status: [200, '4xx'] })).toEqual({ good: true });
    expect(await ask('http', { url }, { status: '404' })).toEqual({ good: true });
    expect(await ask('http', { url }, { status: [200, '5xx'] })).toEqual({
      good: false,
      reason: 'status 404, expected 200 or 5xx',
    });
  });

  it('is not a redirect, which is not followed', async () => {
    const { url, connections } = await server((_, response) => response.writeHead(302, { location: '/' }).end());
    expect(await ask('http', { url })).toEqual({ good: false, reason: 'status 302, expected 2xx' });
    expect(connections).toHaveLength(1);
  });

  it('may be a text in the body', async () => {
    const { url } = await server(answering(200, 'all is well', 'text/plain'));
    expect(await ask('http', { url }, { contains: 'well' })).toEqual({ good: true });
    expect(await ask('http', { url }, { contains: 'ill' })).toEqual({
      good: false,
      reason: 'expected a body that holds "ill", got all is well',
    });
  });

  it('may be values in the JSON of the body, each by its path', async () => {
    const { url } = await server(
      answering(200, '{"status":"ok","checks":[{"up":true},{"up":true}],"queue":{"size":0}}'),
    );
    const good = { '$.status': 'ok', '$.checks[*].up': true, '$.queue': { size: 0 } };
    expect(await ask('http', { url }, { json: good })).toEqual({ good: true });
    expect(await ask('http', { url }, { json: { '$.status': 'up' } })).toEqual({
      good: false,
      reason: '$.status is "ok", expected "up"',
    });
    expect(await ask('http', { url }, { json: { '$.state': 'up' } })).toEqual({
      good: false,
      reason: '$.state is not there, expected "up"',
    });
  });

  it('is not a page where JSON is expected', async () => {
    const { url } = await server(answering(200, '<html>Welcome</html>', 'text/html'));
    expect(await ask('http', { url }, { json: { '$.status': 'ok' } })).toEqual({
      good: false,
      reason: 'expected JSON, got <html>Welcome</html>',
    });
  });

  it('cannot be said by something that is no JSONPath', async () => {
    await expect(open('http', { url: 'http://127.0.0.1:1/' }, { json: { '$[': 1 } })).rejects.toThrow(
      /^"\$\[" is not a JSONPath: /,
    );
  });
});

describe('a request', () => {
  it('has its method, headers and body; what is not a text is sent as JSON', async () => {
    const seen: { method: string | undefined; type: string | undefined; key: string | undefined; body: string }[] = [];
    const { url } = await server(async (request, response) => {
      const { 'content-type': type, 'x-key': key } = request.headers as Record<string, string>;
      seen.push({ method: request.method, type, key, body: await bodyOf(request) });
      response.end();
    });
    await ask('http', { url, method: 'POST', body: { text: 'tea' }, headers: { 'X-Key': 'secret' } });
    await ask('http', { url, method: 'PUT', body: 'a=1', headers: { 'Content-Type': 'text/plain' } });
    await ask('http', { url });
    expect(seen).toEqual([
      { method: 'POST', type: 'application/json', key: 'secret', body: '{"text":"tea"}' },
      { method: 'PUT', type: 'text/plain', key: undefined, body: 'a=1' },
      { method: 'GET', type: undefined, key: undefined, body: '' },
    ]);
  });

  it('uses a kept connection again', async () => {
    const { url, connections } = await server(answering(200, 'ok'));
    const session = await open('http', { url });
    for (let round = 0; round < 5; round += 1) await session.sample(new AbortController().signal);
    await session.close();
    expect(connections).toHaveLength(1);
  });

  it('does not wait for slow answers: there are as many connections as there are answers outstanding', async () => {
    const held: (() => void)[] = [];
    const all = promised<void>();
    const { url, connections } = await server((_, response) => {
      held.push(() => response.end('ok'));
      if (held.length === 50) all.resolve(undefined);
    });
    const session = await open('http', { url });
    const answers = Array.from({ length: 50 }, () => session.sample(new AbortController().signal));
    await all.promise;
    for (const release of held) release();
    expect(await Promise.all(answers)).toEqual(Array(50).fill({ good: true }));
    expect(connections).toHaveLength(50);
    await session.close();
  });

  it('closes a connection that it has not used for a second, before a server would', async () => {
    const { url, connections } = await server(answering(200, 'ok'));
    const session = await open('http', { url });
    await session.sample(new AbortController().signal);
    const began = performance.now();
    await once(connections[0]!, 'close');
    expect(performance.now() - began).toBeGreaterThan(500);
    expect(await session.sample(new AbortController().signal)).toEqual({ good: true });
    await session.close();
  });

  it('is cut off when its time is up, so that the server learns that nobody waits any more', async () => {
    const asked = promised<IncomingMessage>();
    const { url } = await server((request) => asked.resolve(request));
    const session = await open('http', { url });
    const limit = new AbortController();
    const answer = session.sample(limit.signal);
    const { socket } = await asked.promise;
    const cut = once(socket, 'close');
    limit.abort();
    await cut;
    expect(await answer).toMatchObject({ good: false });
    await session.close();
  });
});

describe('what goes wrong is said in words', () => {
  it('when nothing listens', async () => {
    const port = await closedPort();
    expect(await ask('http', { url: `http://127.0.0.1:${port}/` })).toEqual({
      good: false,
      reason: `connection refused 127.0.0.1:${port}`,
    });
    expect(await ask('http', { url: `http://localhost:${port}/` })).toEqual({
      good: false,
      reason: `connection refused localhost:${port}`,
    });
  });

  it('when the server resets the connection', async () => {
    const started = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()));
    toClose.push(started);
    expect(await ask('http', { url: `http://127.0.0.1:${started.port}/` })).toEqual({
      good: false,
      reason: `connection closed by 127.0.0.1:${started.port} before it answered`,
    });
  });

  it('when the server hangs up without a word', async () => {
    const { url, where } = await rawServer('');
    expect(await ask('http', { url })).toEqual({
      good: false,
      reason: `connection closed by ${where} before it answered`,
    });
  });

  it('when only half of the answer comes', async () => {
    const { url, where } = await rawServer('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
    expect(await ask('http', { url })).toEqual({
      good: false,
      reason: `connection closed in the middle of the answer, after status 200 (${where})`,
    });
  });

  it('when what comes is not HTTP', async () => {
    const { url, where } = await rawServer('SSH-2.0-OpenSSH_9.2\r\n');
    expect(await ask('http', { url })).toMatchObject({
      good: false,
      reason: expect.stringContaining(`not HTTP what ${where} sent: `),
    });
  });

  it('when the headers are endless', async () => {
    const { url, where } = await rawServer(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`);
    expect(await ask('http', { url })).toEqual({ good: false, reason: `headers of more than 16 KiB from ${where}` });
  });

  it('when the server switches to a protocol that nobody asked for', async () => {
    const { url } = await rawServer('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    expect(await ask('http', { url })).toMatchObject({ good: false });
  });

  it('and what the server wrote is one short line that cannot control a terminal', async () => {
    const { url } = await server(answering(500, `\u001b[31mred\u001b[0m\r\n\u202eevil\u0000${'x'.repeat(5000)}`));
    const { reason } = (await ask('http', { url })) as { reason: string };
    expect(reason).toMatch(/^status 500, expected 2xx: \[31mred \[0m evil x+…$/);
    expect(reason).toHaveLength(300);
  });

  it('and no part of a URL but host and port is told', async () => {
    const port = await closedPort();
    const { reason } = (await ask('http', { url: `http://me:secret@127.0.0.1:${port}/?token=secret` })) as {
      reason: string;
    };
    expect(reason).not.toContain('secret');
  });

  it('and what this machine lacks is no failure of the system', () => {
    const error = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
    expect(networkFailure(error, '127.0.0.1:80')).toEqual({
      unmeasured: true,
      reason: 'this machine has nothing left to connect with (EMFILE): 127.0.0.1:80',
    });
  });
});

describe('a long answer', () => {
  const longServer = () =>
    server((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 'a');
      for (let round = 0; round < 30; round += 1) response.write(chunk);
      response.end('{"status":"ok"}');
    });

  it('is read to its end', async () => {
    const { url } = await longServer();
    expect(await ask('http', { url }, { contains: 'aaa' })).toEqual({ good: true });
  });

  it('is judged by its first 1 MiB only; what may stand behind that is unmeasured', async () => {
    const { url } = await longServer();
    const beyond = { unmeasured: true, reason: 'the answer is longer than the 1 MiB that is looked at' };
    expect(await ask('http', { url }, { contains: 'status' })).toEqual(beyond);
    expect(await ask('http', { url }, { json: { '$.status': 'ok' } })).toEqual(beyond);
  });

  it('that is nested too deeply to be followed is unmeasured', async () => {
    const { url } = await server(answering(200, `${'['.repeat(200_000)}${']'.repeat(200_000)}`));
    expect(await ask('http', { url }, { json: { '$..x': 1 } })).toMatchObject({ unmeasured: true });
  });
});

it('a certificate that nobody vouches for is refused, unless that is allowed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const options = ['-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=localhost'];
  execFileSync('openssl', ['req', ...options, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  const secure = createHttps({ key: readFileSync(key), cert: readFileSync(cert) });
  rmSync(folder, { recursive: true });
  const started = await serveHttp(answering(200, 'ok'), secure as never);
  toClose.push(started);
  const url = `https://127.0.0.1:${started.port}/`;
  expect(await ask('http', { url, insecure: true })).toEqual({ good: true });
  expect(await ask('http', { url })).toMatchObject({ good: false, reason: expect.stringContaining('certificate') });
  const plain = await server(answering(200));
  expect(await ask('http', { url: `https://127.0.0.1:${plain.port}/` })).toEqual({
    good: false,
    reason: `no TLS with 127.0.0.1:${plain.port}`,
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
