import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerDelayOf, ask, failureOf, readAll, readUntil, serveHttp, undated } from './support/http.ts';
import { dial, fate, promised, type Rig, serve, startRig } from './support/rig.ts';

let rig: Rig;
/** Tells method, path and body of what it was asked, and has a few answers of its own. */
let server: Awaited<ReturnType<typeof serveHttp>>;
let served: string[] = [];

beforeAll(async () => {
  rig = await startRig();
  server = await serveHttp((asked, answer) => {
    const body: Buffer[] = [];
    asked.on('data', (part: Buffer) => body.push(part));
    asked.on('end', () => {
      served.push(asked.url!);
      const size = Number(/^\/size\/([0-9]+)$/.exec(asked.url!)?.[1] ?? -1);
      if (size >= 0) answer.writeHead(200, { 'content-length': size });
      if (asked.url === '/until-close') answer.removeHeader('transfer-encoding');
      if (asked.url === '/empty') answer.writeHead(204);
      if (asked.url === '/chunked') answer.flushHeaders();
      answer.end(
        size >= 0 ? Buffer.alloc(size, 's') : asked.url === '/empty' ? '' : `${asked.method} ${Buffer.concat(body)}`,
      );
    });
  });
});
afterAll(async () => {
  await rig.stop();
  await server.close();
});

test('a failed request gets the answer that was asked for, the server sees nothing of it, and the connection goes on', async () => {
  const port = await rig.link('goes-on', server.port, 'http');
  const settings = { path: '/fails', headers: { 'Retry-After': '2', 'X-Why': 'chaos' }, status: 429, body: 'later' };
  await rig.control.add('goes-on', failureOf('some', settings));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  served = [];
  for (const round of [0, 1, 2]) {
    const failed = await ask(port, { agent, method: 'POST', path: '/fails', body: Buffer.alloc(3_000_000, 'x') });
    expect(failed).toMatchObject({ status: 429, isReused: round > 0 });
    expect(failed.headers).toMatchObject({ 'retry-after': '2', 'x-why': 'chaos', 'content-length': '5' });
    expect(String(failed.body)).toBe('later');
    const passed = await ask(port, { agent, method: 'PUT', path: '/passes', body: Buffer.from('hello') });
    expect(passed).toMatchObject({ status: 200, isReused: true });
    expect(String(passed.body)).toBe('PUT hello');
  }
  expect(served).toEqual(['/passes', '/passes', '/passes']);
  agent.destroy();
});

test('answers come in the order of the requests, whichever of them fail', async () => {
  const slow = promised<() => void>();
  const origin = await serveHttp((asked, answer) => {
    if (asked.url === '/slow') slow.resolve(() => answer.end('slow'));
    else answer.end('quick');
  });
  const client = await dial(await rig.link('order', origin.port, 'http'));
  await rig.control.add('order', failureOf('some', { path: '/fails' }));
  const all = readAll(client);
  const asked = ['/fails', '/slow', '/fails', '/fails', '/quick', '/fails'];
  client.write(asked.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  (await slow.promise)();
  client.write('POST /fails HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nla');
  client.write('stGET /quick HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const text = String(await all);
  const answers = text.match(/HTTP\/1\.1 [0-9]+|failed|slow|quick/g)!;
  expect(answers.filter((one) => !one.startsWith('HTTP'))).toEqual([
    'failed',
    'slow',
    'failed',
    'failed',
    'quick',
    'failed',
    'failed',
    'quick',
  ]);
  client.destroy();
  await origin.close();
});

test('a client that asks for an end of the connection gets it after the failure', async () => {
  const port = await rig.link('close', server.port, 'http');
  await rig.control.add('close', failureOf('all'));
  for (const [sent, said] of [
    ['GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 'close'],
    ['GET / HTTP/1.0\r\n\r\n', 'close'],
  ] as const) {
    const client = await dial(port);
    client.write(sent);
    expect(undated(await readAll(client))).toBe(
      `HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\nConnection: ${said}\r\n\r\nfailed`,
    );
    client.destroy();
  }
  const client = await dial(port);
  client.write('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
  expect(await readUntil(client, 'failed')).toContain('Connection: keep-alive\r\n');
  client.write('HEAD / HTTP/1.0\r\n\r\n');
  expect(undated(await readAll(client))).toBe(
    'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\nConnection: close\r\n\r\n',
  );
  client.destroy();
});

test('a client that waits for leave to send its body gets it, from the server or, when it fails, from us', async () => {
  const origin = await serveHttp(
    () => {},
    (one) => {
      one.on('checkContinue', (asked, answer) => {
        answer.writeContinue();
        asked.resume().on('end', () => answer.end('thanks'));
      });
    },
  );
  const port = await rig.link('continue', origin.port, 'http');
  await rig.control.add('continue', failureOf('some', { path: '/fails' }));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const [path, status] of [
    ['/fails', 503],
    ['/passes', 200],
    ['/fails', 503],
  ] as const) {
    const asked = request({
      host: '127.0.0.1',
      port,
      agent,
      method: 'PUT',
      path,
      headers: { expect: '100-continue', 'content-length': 5 },
    });
    const answered = once(asked, 'response');
    asked.flushHeaders();
    await once(asked, 'continue');
    asked.end('hello');
    const [response] = await answered;
    expect(response.statusCode).toBe(status);
    response.resume();
    await once(response, 'end');
  }
  agent.destroy();
  await origin.close();
});

test('after an upgrade or CONNECT the connection is a tunnel, also for what looks like a request that fails', async () => {
  const origin = await serveHttp(
    (_, answer) => answer.end('plain'),
    (one) => {
      const tunnel = (answer: string) => (_: unknown, socket: import('node:stream').Duplex, head: Buffer) => {
        socket.write(answer);
        socket.write(head);
        socket.pipe(socket);
      };
      one.on('upgrade', tunnel('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n'));
      one.on('connect', tunnel('HTTP/1.1 200 Connected\r\n\r\n'));
    },
  );
  const port = await rig.link('tunnel', origin.port, 'http');
  await rig.control.add('tunnel', failureOf('some', { path: '/fails' }));
  const early = 'GET /fails HTTP/1.1\r\n\r\n';
  for (const head of [
    'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\n',
    'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n',
  ]) {
    const client = await dial(port);
    client.write(head);
    client.write(early); // before the answer tells that it is a tunnel
    expect(await readUntil(client, early)).toMatch(/^HTTP\/1.1 (?:101|200)/);
    client.write(`${early}\0\u0001binary`);
    expect(await readUntil(client, 'binary')).toBe(`${early}\0\u0001binary`);
    client.end();
    await once(client, 'end');
    client.destroy();
  }
  // A server that does not want to upgrade answers, and goes on with what was asked behind it.
  const plain = await serve((socket) =>
    socket.on('data', (part) => {
      for (const _ of String(part).match(/\r\n\r\n/g) ?? [])
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno');
    }),
  );
  const client = await dial(await rig.link('no-tunnel', plain.port, 'http'));
  await rig.control.add('no-tunnel', failureOf('some', { path: '/fails' }));
  client.write(`GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n${early}GET /last HTTP/1.1\r\n\r\n`);
  const heard = await readUntil(client, 'failed');
  expect(heard.match(/no|failed/g)!.slice(0, 2)).toEqual(['no', 'failed']);
  client.destroy();
  await plain.close();
  await origin.close();
});

test('an aborted request closes or resets the connection where the answer would begin, and the server sees nothing of it', async () => {
  served = [];
  for (const [how, end] of [
    ['close', 'ended'],
    ['reset', 'reset'],
  ] as const) {
    const port = await rig.link(`abort-${how}`, server.port, 'http');
    await rig.control.add(`abort-${how}`, failureOf('some', { how, path: '/fails' }));
    const client = await dial(port);
    client.write('GET /size/4 HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await readUntil(client, 'ssss')).toMatch(/^HTTP\/1.1 200/);
    const ended = fate(client);
    let heard = '';
    client.on('data', (part) => {
      heard += part;
    });
    client.write(
      'POST /fails HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /size/4 HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    expect(await ended).toBe(end);
    expect(heard).toBe('');
    client.destroy();
    expect(await rig.control.counters(`abort-${how}`, 'some')).toMatchObject({ requests: 2, failedRequests: 1 });
  }
  expect(served).toEqual(['/size/4', '/size/4']);
});

test('an answer is cut after part of its body, however it is framed', async () => {
  const port = await rig.link('cut', server.port, 'http');
  await rig.control.add('cut', failureOf('all', { how: 'cut' }));
  const cases = [
    ['/size/1000', 500],
    ['/size/3000000', 1_500_000],
    ['/size/1', 0],
  ] as const;
  for (const [path, expected] of cases) {
    const client = await dial(port);
    client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const heard = await readAll(client);
    expect(heard.length - heard.indexOf('\r\n\r\n') - 4).toBe(expected);
    client.destroy();
  }
  for (const path of ['/chunked', '/size/100000'])
    await expect(ask(port, { path })).rejects.toThrow(/aborted|socket hang up/);
  const client = await dial(port);
  client.write('GET /until-close HTTP/1.0\r\n\r\n'); // Node ends such an answer with the connection
  expect(await fate(client)).toBe('reset');
  await expect(ask(port, { path: '/empty' })).rejects.toThrow('socket hang up');
  expect(await rig.control.counters('cut', 'all')).toMatchObject({ requests: 7, failedRequests: 7 });
});

test('a connection ends behind an answer that is whole', async () => {
  const port = await rig.link('behind', server.port, 'http');
  await rig.control.add('behind', failureOf('all', { how: 'cut-behind' }));
  for (const path of ['/size/1000', '/size/3000000', '/chunked', '/empty']) {
    const client = await dial(port);
    const asked = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    client.write(asked + asked); // the second is never answered
    const heard = String(await readAll(client));
    expect(heard.split('HTTP/1.1 ').length).toBe(2);
    const direct = await dial(server.port);
    direct.write(asked.replace('Host', 'Connection: close\r\nHost'));
    const body = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n'));
    expect(body(heard)).toBe(body(String(await readAll(direct))));
    client.destroy();
    direct.destroy();
  }
  const client = await dial(port);
  client.write('GET /until-close HTTP/1.0\r\n\r\n');
  expect(await fate(client)).toBe('reset');
  expect(await rig.control.counters('behind', 'all')).toMatchObject({ failedRequests: 5 });
});

test('requests are told apart by method, path, header, and their number', async () => {
  const port = await rig.link('match', server.port, 'http');
  const agent = new Agent({ keepAlive: true });
  const statuses = async (settings: Parameters<typeof failureOf>[1], asked: Parameters<typeof ask>[1][]) => {
    const id = JSON.stringify(settings);
    await rig.control.add('match', failureOf(id, settings));
    const heard: number[] = [];
    for (const one of asked) heard.push((await ask(port, { agent, ...one })).status);
    await rig.control.remove('match', id);
    return heard;
  };
  const paths = ['/orders', '/orders/1', '/orders/1?a=/b', '/orders/1/items', '/other', '/orders/1.5'];
  const on = (pattern: string) =>
    statuses(
      { path: pattern },
      paths.map((path) => ({ path })),
    );
  expect(await on('/orders/*')).toEqual([200, 503, 503, 200, 200, 503]);
  expect(await on('/orders/**')).toEqual([200, 503, 503, 503, 200, 503]);
  expect(await on('/orders/?')).toEqual([200, 503, 503, 200, 200, 200]);
  expect(await on('/orders/1.5')).toEqual([200, 200, 200, 200, 200, 503]);
  expect(await on('**')).toEqual(paths.map(() => 503));
  const methods = ['GET', 'PUT', 'POST', 'DELETE'].map((method) => ({ method }));
  expect(await statuses({ methods: ['PUT', 'POST'] }, methods)).toEqual([200, 503, 503, 200]);
  const headers = [{}, { 'x-tenant': 'acme, inc' }, { 'X-Tenant': 'other' }].map((one) => ({
    headers: one as Record<string, string>,
  }));
  expect(await statuses({ header: { 'X-TENANT': 'acme' } }, headers)).toEqual([200, 503, 200]);
  const seven = Array.from({ length: 7 }, () => ({}));
  expect(await statuses({ first: 2 }, seven)).toEqual([503, 503, 200, 200, 200, 200, 200]);
  expect(await statuses({ every: 3 }, seven)).toEqual([200, 200, 503, 200, 200, 503, 200]);
  expect(await statuses({ every: 2, first: 4 }, seven)).toEqual([200, 503, 200, 503, 200, 200, 200]);
  agent.destroy();
});

test('the share that fails is the one that was asked for, and the same requests fail for the same seed', async () => {
  const total = 4000;
  async function failures(link: string, rate: number, seed: string): Promise<number[]> {
    const port = await rig.link(link, server.port, 'http');
    await rig.control.add(link, failureOf('some', { rate, seed }));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const failed: number[] = [];
    for (let index = 0; index < total; index += 1) if ((await ask(port, { agent })).status === 503) failed.push(index);
    agent.destroy();
    return failed;
  }
  for (const rate of [0.5, 0.1]) {
    const failed = await failures(`share-${rate}`, rate, 'a');
    // 99 % of all honest coins fall within so much of their mean.
    expect(Math.abs(failed.length - total * rate)).toBeLessThan(2.576 * Math.sqrt(total * rate * (1 - rate)));
    expect(await failures(`again-${rate}`, rate, 'a')).toEqual(failed);
    expect(await failures(`other-${rate}`, rate, 'b')).not.toEqual(failed);
  }
});

test('lifting one of two failures leaves the other, and lifting both leaves none', async () => {
  const port = await rig.link('lifted', server.port, 'http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const both = async () => [await ask(port, { agent, path: '/a' }), await ask(port, { agent, path: '/b' })];
  const statuses = async () => (await both()).map(({ status }) => status);
  await rig.control.add('lifted', failureOf('on-a', { path: '/a', status: 500 }));
  await rig.control.add('lifted', failureOf('on-both', { status: 502 }));
  expect(await statuses()).toEqual([500, 502]);
  await rig.control.remove('lifted', 'on-a');
  expect(await statuses()).toEqual([502, 502]);
  expect(await rig.control.remove('lifted', 'on-both')).toMatchObject({
    requests: 4,
    matchingRequests: 4,
    failedRequests: 3,
  });
  expect(await statuses()).toEqual([200, 200]);
  expect((await both()).every(({ isReused }) => isReused)).toBe(true);
  agent.destroy();
});

test('a fault that comes in the middle of a request leaves that one alone', async () => {
  const began = promised<undefined>();
  const origin = await serve((socket) =>
    socket.on('data', (part: Buffer) => {
      began.resolve(undefined);
      if (part.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npassed');
    }),
  );
  const client = await dial(await rig.link('middle', origin.port, 'http'));
  client.write('GET / HTTP/1.1\r\nHo');
  await began.promise;
  await rig.control.add('middle', failureOf('all'));
  client.write('st: a\r\n\r\n');
  expect(await readUntil(client, 'passed')).toMatch(/^HTTP\/1.1 200/);
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await readUntil(client, 'failed')).toMatch(/^HTTP\/1.1 503/);
  client.destroy();
  await origin.close();
});

test('a head in pieces reaches the server as it comes, once its first line says that it cannot fail', async () => {
  const heard: string[] = [];
  let came = promised<undefined>();
  const origin = await serve((socket) =>
    socket.on('data', (part: Buffer) => {
      heard.push(String(part));
      came.resolve(undefined);
      if (part.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npassed');
    }),
  );
  const client = await dial(await rig.link('pieces', origin.port, 'http'));
  await rig.control.add('pieces', failureOf('some', { path: '/fails', header: { 'x-tenant': 'acme' } }));
  await rig.control.add('pieces', answerDelayOf('all', 1)); // it alters no request
  client.write('GET /pas');
  client.write('ses HTTP/1.1\r\nHo');
  await came.promise;
  expect(heard).toEqual(['GET /passes HTTP/1.1\r\nHo']);
  await rig.control.add('pieces', failureOf('late')); // too late for this one
  client.write('st: a\r\n\r\n');
  expect(await readUntil(client, 'passed')).toMatch(/^HTTP\/1.1 200/);
  await rig.control.remove('pieces', 'late');

  heard.length = 0;
  came = promised();
  client.write('GET /fails HTTP/1.1\r\nHost: a\r\n');
  await ask(await rig.link('by-the-way', server.port, 'http')); // meanwhile the proxy has read it
  client.write('X-Tenant: acme\r\n\r\n');
  expect(await readUntil(client, 'failed')).toMatch(/^HTTP\/1.1 503/);
  expect(heard).toEqual([]);
  expect(await rig.control.counters('pieces', 'all')).toMatchObject({ requests: 2, delayedRequests: 2 });
  client.destroy();
  await origin.close();
});

test('a server that ends meanwhile does not take the answer of a failed request away', async () => {
  const origin = await serve((socket) => socket.resume());
  const client = await dial(await rig.link('server-ends', origin.port, 'http'));
  await rig.control.add('server-ends', failureOf('some', { path: '/fails' }));
  const all = readAll(client);
  client.write('POST /fails HTTP/1.1\r\nContent-Length: 4\r\n\r\nfa');
  while ((await rig.control.counters('server-ends', 'some')).requests !== 1) await new Promise(setImmediate);
  for (const socket of origin.sockets) socket.end();
  client.write('il');
  expect(undated(await all)).toBe('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\n\r\nfailed');
  client.destroy();
  await origin.close();
});

test('a body that fails is read as fast as it comes, and one that passes waits for a server that does not read', async () => {
  const stuck = await serve((socket) => socket.pause());
  const client = await dial(await rig.link('pressure', stuck.port, 'http'));
  await rig.control.add('pressure', failureOf('some', { path: '/fails' }));
  const megabyte = Buffer.alloc(1024 * 1024);
  client.write(`POST /fails HTTP/1.1\r\nContent-Length: ${200 * megabyte.length}\r\n\r\n`);
  for (let sent = 0; sent < 200; sent += 1) if (!client.write(megabyte)) await once(client, 'drain');
  expect(await readUntil(client, 'failed')).toMatch(/^HTTP\/1.1 503/);
  client.write(`POST /passes HTTP/1.1\r\nContent-Length: ${200 * megabyte.length}\r\n\r\n`);
  const full = promised<number>();
  let sent = 0;
  const pump = () => {
    while (sent < 200) {
      sent += 1;
      if (client.write(megabyte)) continue;
      const timer = setTimeout(() => full.resolve(sent), 500); // nothing drains for a while
      client.once('drain', () => {
        clearTimeout(timer);
        pump();
      });
      return;
    }
    full.resolve(sent);
  };
  pump();
  expect(await full.promise).toBeLessThan(100);
  client.destroy();
  await stuck.close();
});

test('a client that asks on and on without reading is made to wait', async () => {
  const client = await dial(await rig.link('greedy', server.port, 'http'));
  await rig.control.add('greedy', failureOf('all', { body: 'x'.repeat(100_000) }));
  client.pause();
  const asked = 3000;
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(asked));
  let before = -1;
  let now = 0;
  while (now !== before || now === 0) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 200));
    now = (await rig.control.counters('greedy', 'all')).requests!;
  }
  expect(now).toBeLessThan(500);
  let answers = 0;
  client.on('data', (part: Buffer) => {
    for (let at = part.indexOf('H'); at !== -1; at = part.indexOf('H', at + 1)) answers += 1;
  });
  client.resume();
  while (answers !== asked) await new Promise(setImmediate);
  client.destroy();
});
