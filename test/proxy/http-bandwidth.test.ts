import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerDelayOf, answerRateOf, ask, failureOf, readUntil, serveHttp, tookMs } from './support/http.ts';
import { dial, type Rig, serve, startRig } from './support/rig.ts';

let rig: Rig;
let server: Awaited<ReturnType<typeof serveHttp>>;
const body = Buffer.from(Array.from({ length: 50_000 }, (_, place) => place % 251));

beforeAll(async () => {
  rig = await startRig();
  server = await serveHttp((asked, answer) => {
    asked.resume();
    if (asked.url!.endsWith('/length')) answer.setHeader('content-length', body.length);
    for (let from = 0; from < body.length; from += 7000) answer.write(body.subarray(from, from + 7000));
    answer.end();
  });
});
afterAll(async () => {
  await rig.stop();
  await server.close();
});

test.each(['/length', '/chunked'])(
  'the body of an answer has the rate for itself, and is the same: %s',
  async (path) => {
    const port = await rig.link(path, server.port, 'http');
    await rig.control.add(path, answerRateOf('some', 200_000, { path: `/slow${path}` }));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const round of [0, 1]) {
      const slow = await tookMs(() => ask(port, { agent, path: `/slow${path}` }));
      expect(slow.ms).toBeGreaterThanOrEqual(250);
      expect(slow.value).toMatchObject({ status: 200, isReused: round > 0 });
      expect(slow.value.body.equals(body)).toBe(true);
      const other = await ask(port, { agent, path: `/quick${path}` });
      expect(other.body.equals(body)).toBe(true);
    }
    const several = await tookMs(() =>
      Promise.all(Array.from({ length: 20 }, () => ask(port, { path: `/slow${path}` }))),
    );
    expect(several.ms).toBeLessThan(20 * 250); // not shared
    const counters = await rig.control.remove(path, 'some');
    expect(counters).toMatchObject({ requests: 24, matchingRequests: 22, chosenRequests: 22 });
    expect(counters.bytes).toBeGreaterThanOrEqual(22 * body.length);
    expect(counters.bytes).toBeLessThan(22 * (body.length + 200)); // with the frames of its chunks
    const rate = counters.busyBytes! / (counters.busyMs! / 1000);
    expect(rate).toBeLessThanOrEqual(200_000);
    agent.destroy();
  },
);

test('a head comes at once, other connections go on, and the rest comes when the fault is lifted', async () => {
  const port = await rig.link('lifted', server.port, 'http');
  await rig.control.add('lifted', answerRateOf('some', 1, { path: '/slow/*' }));
  const asked = get({ port, path: '/slow/length', agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let heard = 0;
  answer.on('data', (part: Buffer) => {
    heard += part.length;
  });
  for (let round = 0; round < 20; round += 1)
    expect((await ask(port, { path: '/quick' })).body.equals(body)).toBe(true);
  expect(heard).toBe(0);
  const ended = once(answer, 'end');
  await rig.control.remove('lifted', 'some');
  await ended;
  expect(heard).toBe(body.length);
});

test('answers behind one that is slow come in order, at full speed', async () => {
  const port = await rig.link('behind', server.port, 'http');
  await rig.control.add('behind', answerRateOf('some', 100_000, { path: '/slow/*' }));
  await rig.control.add('behind', failureOf('failing', { path: '/fails', body: 'f'.repeat(20_000) }));
  const client = await dial(port);
  const ended = readUntil(client, 'f'.repeat(20_000));
  const { ms, value } = await tookMs(() => {
    client.write('GET /slow/length HTTP/1.1\r\nHost: a\r\n\r\n');
    client.write('GET /length HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10));
    client.write('GET /fails HTTP/1.1\r\nHost: a\r\n\r\n');
    return ended;
  });
  expect(value.match(/HTTP\/1.1 (\d+)/g)).toEqual([...Array(11).fill('HTTP/1.1 200'), 'HTTP/1.1 503']);
  expect(value.length).toBeGreaterThan(11 * body.length + 20_000);
  expect(ms).toBeGreaterThanOrEqual(500);
  expect(ms).toBeLessThan(10 * 500);
  client.destroy();
});

test('it slows down what another fault answers, and adds up with a delay of the whole', async () => {
  const port = await rig.link('beside', server.port, 'http');
  await rig.control.add('beside', answerDelayOf('late', 200, { of: 'whole' }));
  await rig.control.add('beside', answerRateOf('slow', 100_000));
  await rig.control.add('beside', failureOf('failing', { body: 'f'.repeat(20_000) }));
  const { ms, value } = await tookMs(() => ask(port));
  expect(String(value.body)).toBe('f'.repeat(20_000));
  expect(ms).toBeGreaterThanOrEqual(400);
  await rig.control.remove('beside', 'late');
  expect((await tookMs(() => ask(port))).ms).toBeGreaterThanOrEqual(200);
});

test('a server that sends faster is made to wait', async () => {
  let sent = 0;
  const origin = await serve((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
      const send = () =>
        socket.write(Buffer.alloc(1_000_000), (error) => {
          if (error) return;
          sent += 1_000_000;
          send();
        });
      send();
    });
  });
  const port = await rig.link('faster', origin.port, 'http');
  await rig.control.add('faster', answerRateOf('all', 1000));
  const client = await dial(port);
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await readUntil(client, '\r\n\r\n');
  await expect
    .poll(async () => {
      const before = sent;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return sent - before;
    })
    .toBe(0);
  expect(sent).toBeLessThan(100_000_000); // what the kernel takes
  client.destroy();
  await origin.close();
});

test('a connection that ends in the middle of a slow answer ends, behind what came of it', async () => {
  const origin = await serve((socket) =>
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(30_000)}`)),
  );
  const client = await dial(await rig.link('ends', origin.port, 'http'));
  await rig.control.add('ends', answerRateOf('all', 100_000));
  let heard = '';
  client.on('data', (part) => {
    heard += part;
  });
  const { ms } = await tookMs(async () => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(client, 'end');
  });
  expect(ms).toBeGreaterThanOrEqual(300);
  expect(heard).toBe(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(30_000)}`);
  client.destroy();
  await origin.close();
});
