import { once } from 'node:events';
import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerDelayOf, ask, failureOf, readUntil, serveHttp, tookMs } from './support/http.ts';
import { delayOf, dial, promised, type Rig, serve, startRig } from './support/rig.ts';

let rig: Rig;
let server: Awaited<ReturnType<typeof serveHttp>>;

beforeAll(async () => {
  rig = await startRig();
  server = await serveHttp((asked, answer) => {
    asked.resume();
    answer.end(`${asked.url} `.repeat(1000));
  });
});
afterAll(async () => {
  await rig.stop();
  await server.close();
});

test('an answer begins later by the latency, and is the same', async () => {
  const port = await rig.link('latency', server.port, 'http');
  await rig.control.add('latency', answerDelayOf('some', 80, { path: '/slow/*' }));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const round of [0, 1, 2]) {
    const slow = await tookMs(() => ask(port, { agent, path: '/slow/1' }));
    expect(slow.ms).toBeGreaterThanOrEqual(80);
    expect(slow.value).toMatchObject({ status: 200, isReused: round > 0 });
    expect(String(slow.value.body)).toBe('/slow/1 '.repeat(1000));
    await ask(port, { agent, path: '/quick' });
  }
  const counters = await rig.control.remove('latency', 'some');
  expect(counters).toMatchObject({ requests: 6, matchingRequests: 3, delayedRequests: 3, passedRequests: 3 });
  expect(counters.delaySumMs! / 3).toBeGreaterThanOrEqual(80);
  agent.destroy();
});

test('answers on other connections are not held up, those behind it on the same one are', async () => {
  const port = await rig.link('others', server.port, 'http');
  await rig.control.add('others', answerDelayOf('some', 3_600_000, { path: '/slow' }));
  const client = await dial(port);
  client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /behind HTTP/1.1\r\nHost: a\r\n\r\n');
  while ((await rig.control.counters('others', 'some')).requests !== 2) await new Promise(setImmediate);
  let heard = 0;
  client.on('data', (part: Buffer) => {
    heard += part.length;
  });
  for (let round = 0; round < 20; round += 1) expect((await ask(port, { path: '/quick' })).status).toBe(200);
  expect(heard).toBe(0);
  const both = readUntil(client, '/behind '.repeat(1000));
  expect(await rig.control.remove('others', 'some')).toMatchObject({ delayedRequests: 0, cutShortRequests: 1 });
  expect((await both).indexOf('/slow')).toBeLessThan((await both).indexOf('/behind'));
  client.destroy();
});

test('the rest of an answer follows as it comes, and leave to send a body is not held', async () => {
  const heard = promised<Socket>();
  const origin = await serve((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst');
        heard.resolve(socket);
      });
    });
  });
  const client = await dial(await rig.link('first-byte', origin.port, 'http'));
  await rig.control.add('first-byte', answerDelayOf('all', 500));
  const continued = await tookMs(async () => {
    client.write('PUT / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    await readUntil(client, '100 Continue\r\n\r\n');
  });
  expect(continued.ms).toBeLessThan(500);
  const first = await tookMs(async () => {
    client.write('hello');
    await readUntil(client, 'first');
  });
  expect(first.ms).toBeGreaterThanOrEqual(500);
  const socket = await heard.promise;
  const rest = await tookMs(async () => {
    socket.write('rest');
    await readUntil(client, 'rest');
  });
  expect(rest.ms).toBeLessThan(500);
  client.destroy();
  await origin.close();
});

test('a delay of the whole keeps the rhythm of a stream, up to its end, and goes when the fault is lifted', async () => {
  const heard = promised<Socket>();
  const origin = await serve((socket) =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nfirst');
      heard.resolve(socket);
    }),
  );
  const client = await dial(await rig.link('whole', origin.port, 'http'));
  await rig.control.add('whole', answerDelayOf('all', 300, { of: 'whole' }));
  const first = await tookMs(async () => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await readUntil(client, 'first');
  });
  expect(first.ms).toBeGreaterThanOrEqual(300);
  const socket = await heard.promise;
  const rest = await tookMs(async () => {
    socket.write('rest');
    await readUntil(client, 'rest');
  });
  expect(rest.ms).toBeGreaterThanOrEqual(300);
  expect(await rig.control.counters('whole', 'all')).toMatchObject({ requests: 1, delayedRequests: 1 });
  await rig.control.add('whole', delayOf('wire', 1)); // what is removed next is not the last
  await rig.control.add('whole', answerDelayOf('late', 3_600_000, { of: 'whole' })); // too late for this answer
  socket.write('last');
  await readUntil(client, 'last');
  const ending = await tookMs(async () => {
    socket.end();
    await once(client.resume(), 'end');
  });
  expect(ending.ms).toBeGreaterThanOrEqual(300);
  client.destroy();
  await origin.close();
});

test('pipelined answers are each held for their own time, side by side', async () => {
  const client = await dial(await rig.link('pipelined', server.port, 'http'));
  await rig.control.add('pipelined', answerDelayOf('all', 200));
  const { ms } = await tookMs(async () => {
    const last = readUntil(client, '/last ');
    client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(19));
    client.write('GET /last HTTP/1.1\r\nHost: a\r\n\r\n');
    await last;
  });
  expect(ms).toBeGreaterThanOrEqual(200);
  expect(ms).toBeLessThan(20 * 200);
  expect(await rig.control.counters('pipelined', 'all')).toMatchObject({ delayedRequests: 20 });
  client.destroy();
});

test('delays of several faults add up, on failures too, and lifting one leaves the others', async () => {
  const port = await rig.link('composed', server.port, 'http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await rig.control.add('composed', delayOf('wire', 30));
  await rig.control.add('composed', answerDelayOf('one', 40));
  await rig.control.add('composed', answerDelayOf('two', 50));
  await rig.control.add('composed', failureOf('failing'));
  const asked = () => tookMs(() => ask(port, { agent }));
  const all = await asked();
  expect([all.value.status, all.ms >= 120]).toEqual([503, true]);
  await rig.control.remove('composed', 'failing');
  await rig.control.remove('composed', 'one');
  const two = await asked();
  expect([two.value.status, two.ms >= 80]).toEqual([200, true]);
  await rig.control.remove('composed', 'wire');
  await rig.control.remove('composed', 'two');
  expect((await asked()).value).toMatchObject({ status: 200, isReused: true });
  agent.destroy();
});

test('jitter draws other delays, the same ones for the same seed', async () => {
  const maxima: number[] = [];
  for (const link of ['jitter-1', 'jitter-2']) {
    const port = await rig.link(link, server.port, 'http');
    await rig.control.add(link, answerDelayOf('shaky', 20, { jitterMs: 20 }));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let index = 0; index < 20; index += 1) await ask(port, { agent });
    const { delaySumMs, errorSumMs, delayMaxMs } = await rig.control.counters(link, 'shaky');
    maxima.push(Math.round(delaySumMs! - errorSumMs!));
    expect(delayMaxMs).toBeLessThan(40 + errorSumMs!);
    agent.destroy();
  }
  expect(maxima[0]).toBe(maxima[1]);
});

test('the end of a connection comes behind the answer that is held', async () => {
  const client = await dial(await rig.link('ending', server.port, 'http'));
  await rig.control.add('ending', answerDelayOf('all', 60));
  const { ms, value } = await tookMs(async () => {
    client.write('GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    let heard = '';
    client.on('data', (part) => {
      heard += part;
    });
    await once(client, 'end');
    return heard;
  });
  expect(ms).toBeGreaterThanOrEqual(60);
  expect(value).toContain('/x '.repeat(1000));
  client.destroy();
});
