import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { dial, fate, portOf, promised, read, serve } from './support/rig.ts';
import { ProxyServer, toxic } from './support/toxiproxy.ts';

/*
 * Every toxic, as npm's client for Toxiproxy asks for it, on real connections. What is timed is never too short; how
 * much too long it may be depends on who else uses the machine.
 */

let server: ProxyServer;
let echo: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  server = await ProxyServer.start();
  echo = await serve((socket) => void socket.pipe(socket));
});
afterAll(async () => {
  await server.end();
  await echo.close();
});

/** How long the echo of one byte takes. */
async function roundTripMs(client: Socket): Promise<number> {
  const startMs = performance.now();
  client.write('x');
  await read(client, 1);
  return performance.now() - startMs;
}

/** What a server got, and when it got the end. */
async function recorder() {
  const pieces: Buffer[] = [];
  const end = promised<number>();
  const close = promised<'ended' | 'reset'>();
  const upstream = await serve((socket) => {
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('end', () => {
      end.resolve(performance.now());
      socket.end();
    });
    void fate(socket).then(close.resolve);
  });
  return {
    ...upstream,
    pieces,
    text: () => Buffer.concat(pieces).toString(),
    ended: end.promise,
    closed: close.promise,
  };
}

describe.concurrent('latency', () => {
  for (const stream of ['upstream', 'downstream'] as const)
    it(`holds back what goes ${stream}, more after a change, and no longer when it is removed`, async ({ expect }) => {
      const { proxy, port } = await server.proxy(`latency-${stream}`, echo.port);
      const client = await dial(port);
      await roundTripMs(client);
      const late = await proxy.addToxic(toxic('latency', { latency: 200, jitter: 0 }, { stream }));
      expect(late.name).toBe(`latency_${stream}`);
      expect(await roundTripMs(client)).toBeGreaterThanOrEqual(199.9);
      const later = await late.update(toxic('latency', { latency: 1000, jitter: 0 }, { stream }));
      expect(await roundTripMs(client)).toBeGreaterThanOrEqual(999.9);
      await later.remove();
      expect(await roundTripMs(client)).toBeLessThan(900);
      client.destroy();
    });

  it('holds back the end of the connection with the bytes', async ({ expect }) => {
    const upstream = await recorder();
    const { proxy, port } = await server.proxy('latency-end', upstream.port);
    await proxy.addToxic(toxic('latency', { latency: 300, jitter: 0 }, { stream: 'upstream' }));
    const client = await dial(port);
    const startMs = performance.now();
    client.end('all');
    expect((await upstream.ended) - startMs).toBeGreaterThanOrEqual(299.9);
    expect(upstream.text()).toBe('all');
    await upstream.close();
  });

  it('with jitter differs, even by more than the latency', async ({ expect }) => {
    const { proxy, port } = await server.proxy('jitter', echo.port);
    await proxy.addToxic(toxic('latency', { latency: 60, jitter: 80 }));
    const client = await dial(port);
    const times: number[] = [];
    for (let left = 15; left > 0; left -= 1) times.push(await roundTripMs(client));
    expect(Math.min(...times)).toBeLessThan(60);
    expect(Math.max(...times)).toBeGreaterThan(60);
    client.destroy();
  });
});

describe.concurrent('bandwidth', () => {
  it('lets so many kilobytes a second pass, for each connection by itself', async ({ expect }) => {
    const { proxy, port } = await server.proxy('bandwidth', echo.port);
    const slow = await proxy.addToxic(toxic('bandwidth', { rate: 100 }, { stream: 'upstream' }));
    const both = await Promise.all([dial(port), dial(port)]);
    const startMs = performance.now();
    const took = await Promise.all(
      both.map(async (client) => {
        client.write(Buffer.alloc(100_000));
        await read(client, 100_000);
        return performance.now() - startMs;
      }),
    );
    // A tenth of a second's worth may be let ahead.
    for (const ms of took) expect(ms).toBeGreaterThan(850);
    // Were it shared, they would take twice as long; then it would have to be a very busy machine.
    expect(Math.min(...took)).toBeLessThan(1900);
    await slow.remove();
    for (const client of both) client.destroy();
  });

  it('of 0 lets nothing pass until it is removed', async ({ expect }) => {
    const { proxy, port } = await server.proxy('bandwidth-none', echo.port);
    const client = await dial(port);
    const none = await proxy.addToxic(toxic('bandwidth', { rate: 0 }));
    client.write('kept');
    await delay(300);
    expect(client.readableLength).toBe(0);
    await none.remove();
    expect(String(await read(client, 4))).toBe('kept');
    client.destroy();
  });
});

describe.concurrent('slow_close', () => {
  it('holds back the end, and not the bytes', async ({ expect }) => {
    const upstream = await recorder();
    const { proxy, port } = await server.proxy('slow-close', upstream.port);
    await proxy.addToxic(toxic('slow_close', { delay: 1500 }, { stream: 'upstream' }));
    const client = await dial(port);
    const startMs = performance.now();
    client.end('bytes');
    await expect.poll(upstream.text).toBe('bytes');
    const bytesMs = performance.now() - startMs;
    const endMs = (await upstream.ended) - startMs;
    expect(endMs).toBeGreaterThanOrEqual(1499.9);
    expect(bytesMs).toBeLessThan(endMs);
    await upstream.close();
  });

  it('lets an end go that it holds when it is removed', async ({ expect }) => {
    const upstream = await recorder();
    const { proxy, port } = await server.proxy('slow-close-removed', upstream.port);
    const slow = await proxy.addToxic(toxic('slow_close', { delay: 3_600_000 }, { stream: 'upstream' }));
    const client = await dial(port);
    client.end('bytes');
    await expect.poll(upstream.text).toBe('bytes');
    await slow.remove();
    expect(await upstream.ended).toBeGreaterThan(0);
    await upstream.close();
  });
});

describe.concurrent('timeout', () => {
  it('drops what goes its way, then closes the connection on both sides', async ({ expect }) => {
    const upstream = await recorder();
    const { proxy, port } = await server.proxy('timeout', upstream.port);
    const client = await dial(port);
    const startMs = performance.now();
    await proxy.addToxic(toxic('timeout', { timeout: 400 }, { stream: 'upstream' }));
    const flow = setInterval(() => client.write('lost'), 20);
    expect(await fate(client)).toBe('ended');
    clearInterval(flow);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(399.9);
    expect(await upstream.closed).toBe('ended');
    expect(upstream.text()).toBe('');
    await upstream.close();
  });

  it('of 0 drops for ever, and closes the connection when it is removed', async ({ expect }) => {
    const { proxy, port } = await server.proxy('timeout-0', echo.port);
    const client = await dial(port);
    const deaf = await proxy.addToxic(toxic('timeout', { timeout: 0 }));
    client.write('lost');
    await delay(500);
    expect(client.readableLength).toBe(0);
    expect(client.readableEnded).toBe(false);
    await deaf.remove();
    expect(await fate(client)).toBe('ended');
    expect(client.bytesRead).toBe(0);
    const next = await dial(port);
    await roundTripMs(next);
    next.destroy();
  });

  it('that is made shorter closes connections that wait already', async ({ expect }) => {
    const { proxy, port } = await server.proxy('timeout-changed', echo.port);
    const client = await dial(port);
    const long = await proxy.addToxic(toxic('timeout', { timeout: 3_600_000 }));
    await long.update(toxic('timeout', { timeout: 50 }));
    expect(await fate(client)).toBe('ended');
  });
});

describe.concurrent('reset_peer', () => {
  it('breaks idle connections with a reset on both sides, and new ones', async ({ expect }) => {
    const upstream = await recorder();
    const { proxy, port } = await server.proxy('reset', upstream.port);
    const client = await dial(port);
    client.write('hello');
    await expect.poll(upstream.text).toBe('hello');
    const broken = await proxy.addToxic(toxic('reset_peer', { timeout: 0 }));
    expect(await fate(client)).toBe('reset');
    expect(await upstream.closed).toBe('reset');
    const next = await dial(port).catch(() => undefined); // it may be reset before we know that it was made
    if (next) expect(await fate(next)).toBe('reset');
    await broken.remove();
    const afterwards = await dial(port);
    afterwards.write('again');
    await expect.poll(upstream.text).toBe('helloagain');
    afterwards.destroy();
    await upstream.close();
  });

  it('with a time lets bytes pass until then', async ({ expect }) => {
    const { proxy, port } = await server.proxy('reset-later', echo.port);
    await proxy.addToxic(toxic('reset_peer', { timeout: 600 }, { stream: 'upstream' }));
    const startMs = performance.now();
    const client = await dial(port);
    await roundTripMs(client);
    expect(await fate(client)).toBe('reset');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(599);
  });
});

describe.concurrent('slicer', () => {
  it('sends pieces of about that size, one after the other, and every byte', async ({ expect }) => {
    const upstream = await recorder();
    const { proxy, port } = await server.proxy('slicer', upstream.port);
    await proxy.addToxic(
      toxic('slicer', { average_size: 100, size_variation: 20, delay: 10_000 }, { stream: 'upstream' }),
    );
    const sent = randomBytes(2000);
    const client = await dial(port);
    const startMs = performance.now();
    client.end(sent);
    expect((await upstream.ended) - startMs).toBeGreaterThan(150); // some twenty pieces, 10 ms apart
    expect(Buffer.concat(upstream.pieces).equals(sent)).toBe(true);
    // A receiver that had no processor for a while finds several at once.
    expect(upstream.pieces.length).toBeGreaterThan(5);
    expect(Math.min(...upstream.pieces.slice(0, -1).map(({ length }) => length))).toBeGreaterThanOrEqual(80);
    await upstream.close();
  });
});

describe.concurrent('limit_data', () => {
  it('closes the connection when so many bytes have passed, and those pass', async ({ expect }) => {
    const { proxy, port } = await server.proxy('limit', echo.port);
    await proxy.addToxic(toxic('limit_data', { bytes: 1000 }));
    const client = await dial(port);
    client.write(Buffer.alloc(600));
    await read(client, 600);
    client.write(Buffer.alloc(600));
    await read(client, 400);
    expect(await fate(client)).toBe('ended');
    expect(client.bytesRead).toBe(1000);
  });

  it('with less than passed already closes at the next byte', async ({ expect }) => {
    const upstream = await recorder();
    const { proxy, port } = await server.proxy('limit-lowered', upstream.port);
    const limit = await proxy.addToxic(toxic('limit_data', { bytes: 1000 }, { stream: 'upstream' }));
    const client = await dial(port);
    client.write('passes');
    await expect.poll(upstream.text).toBe('passes');
    await limit.update(toxic('limit_data', { bytes: 1 }, { stream: 'upstream' }));
    client.write('does not');
    expect(await fate(client)).toBe('ended');
    expect(upstream.text()).toBe('passes');
    await upstream.close();
  });
});

describe.concurrent('toxics', () => {
  it('work on the share of connections that is their toxicity, and the same ones until that is changed', async ({
    expect,
  }) => {
    const { proxy, port } = await server.proxy('toxicity', echo.port);
    const half = await proxy.addToxic(toxic('bandwidth', { rate: 0 }, { toxicity: 0.5 }));
    const clients = await Promise.all(Array.from({ length: 60 }, () => dial(port)));
    for (const client of clients) client.write('x');
    const answered = () => clients.filter(({ readableLength }) => readableLength > 0).length;
    await expect.poll(answered).toBeGreaterThan(0);
    await delay(500);
    // The 99.99 % binomial interval.
    expect(Math.abs(answered() / 60 - 0.5)).toBeLessThan(3.9 * Math.sqrt(0.25 / 60));
    const none = await half.update(toxic('bandwidth', { rate: 0 }, { toxicity: 0 }));
    await expect.poll(answered).toBe(60);
    await none.remove();
    for (const client of clients) client.destroy();
  });

  it('that close connections when they are removed leave those alone that they were not on', async ({ expect }) => {
    const { proxy, port } = await server.proxy('not on all', echo.port);
    const deaf = await proxy.addToxic(toxic('timeout', { timeout: 0 }, { toxicity: 0 }));
    const client = await dial(port);
    await roundTripMs(client);
    await deaf.remove();
    client.write('y');
    expect(String(await read(client, 1))).toBe('y');
    client.destroy();
  });

  it('change while clients leave in the middle of their bytes', async ({ expect }) => {
    const upstream = await serve((socket) => {
      const send = (): void => void socket.write(Buffer.alloc(1_000_000), (error) => error ?? send());
      send();
    });
    const { proxy, port } = await server.proxy('leaving', upstream.port);
    for (let left = 10; left > 0; left -= 1) {
      const late = await proxy.addToxic(toxic('latency', { latency: 20, jitter: 0 }));
      const client = await dial(port);
      await read(client, 1_000_000);
      client.destroy();
      await late.remove();
    }
    expect((await server.ask('GET', '/proxies/leaving/toxics')).body).toEqual([]);
    await upstream.close();
  });

  it('work together', async ({ expect }) => {
    const { proxy, port } = await server.proxy('several', echo.port);
    for (const name of ['one', 'two']) await proxy.addToxic(toxic('latency', { latency: 150, jitter: 0 }, { name }));
    await proxy.addToxic(toxic('latency', { latency: 150, jitter: 0 }, { name: 'three', stream: 'upstream' }));
    await proxy.addToxic(toxic('limit_data', { bytes: 3 }));
    const client = await dial(port);
    const startMs = performance.now();
    client.write('12345');
    expect(String(await read(client, 3))).toBe('123');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(449);
    expect(await fate(client)).toBe('ended');
  });

  it('that come, change and go while bytes flow lose and disorder none', { timeout: 30_000 }, async ({ expect }) => {
    const { proxy, port } = await server.proxy('traffic', echo.port);
    const client = await dial(port);
    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    let [sentBytes, receivedBytes] = [0, 0];
    client.on('data', (data) => {
      received.update(data);
      receivedBytes += data.length;
    });
    let isOver = false;
    const sending = (async () => {
      while (!isOver) {
        const chunk = randomBytes(1 + Math.floor(Math.random() * 20_000));
        sent.update(chunk);
        sentBytes += chunk.length;
        if (client.write(chunk)) await delay(1);
        else await once(client, 'drain');
      }
    })();
    const kinds: (() => ReturnType<typeof toxic<Record<string, number>>>)[] = [
      () => toxic('latency', { latency: Math.floor(Math.random() * 30), jitter: 5 }),
      () => toxic('bandwidth', { rate: 500 + Math.floor(Math.random() * 50_000) }),
      () => toxic('bandwidth', { rate: 0 }),
      () => toxic('slow_close', { delay: 100 }),
      () => toxic('slicer', { average_size: 5000, size_variation: 4000, delay: 100 }),
    ];
    for (let left = 60; left > 0; left -= 1) {
      const make = kinds[left % kinds.length]!;
      for (const stream of ['upstream', 'downstream'] as const) {
        const name = `${left}-${stream}`;
        const added = await proxy.addToxic({ ...make(), stream, name });
        await delay(5);
        await (await added.update({ ...make(), stream, name, toxicity: left % 3 === 0 ? 0 : 1 })).remove();
      }
    }
    isOver = true;
    await sending;
    client.end();
    await once(client, 'end');
    expect(receivedBytes).toBe(sentBytes);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
  });
});

describe.concurrent('a proxy', () => {
  it('that is disabled refuses, breaks what is open, and comes back on the same port', async ({ expect }) => {
    const { proxy, port } = await server.proxy('switched', echo.port);
    const { listen, upstream } = proxy;
    await proxy.addToxic(toxic('latency', { latency: 200, jitter: 0 }));
    const client = await dial(port);
    await roundTripMs(client);
    await proxy.update({ enabled: false, listen, upstream });
    expect(await fate(client)).toBe('ended');
    await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
    expect(await proxy.update({ enabled: true, listen, upstream })).toMatchObject({ enabled: true, listen });
    const next = await dial(port);
    expect(await roundTripMs(next)).toBeGreaterThanOrEqual(199.9); // its toxics are still there
    next.destroy();
  });

  it('that is led elsewhere leads new connections there', async ({ expect }) => {
    const other = await serve((socket) => void socket.end('other'));
    const { proxy, port } = await server.proxy('led', echo.port);
    await proxy.update({ enabled: true, listen: proxy.listen, upstream: `127.0.0.1:${other.port}` });
    expect(String(await read(await dial(port), 5))).toBe('other');
    await other.close();
  });

  it('that is removed frees its port', async ({ expect }) => {
    const { proxy, port } = await server.proxy('removed', echo.port);
    await proxy.remove();
    await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
    const again = await server.client.createProxy({ ...proxy.toJson(), listen: `127.0.0.1:${port}` });
    expect(portOf(again.listen)).toBe(port);
  });

  it('lets a client end its side and still get the answer', async ({ expect }) => {
    const upstream = await serve((socket) => void socket.resume().once('end', () => socket.end('answer')));
    const { proxy, port } = await server.proxy('half-closed', upstream.port);
    await proxy.addToxic(toxic('latency', { latency: 50, jitter: 0 }, { stream: 'upstream' }));
    const client = await dial(port);
    client.end('question');
    expect(String(await read(client, 6))).toBe('answer');
    expect(await fate(client)).toBe('ended');
    await upstream.close();
  });

  it('whose server does not listen resets connections until it does', async ({ expect }) => {
    const early = await serve(() => undefined);
    await early.close();
    const { port } = await server.proxy('down', early.port);
    expect(await dial(port).then(fate, ({ code }) => code)).toMatch(/reset|ECONNRESET/);
    const late = createServer((socket) => socket.end('here')).listen(early.port, '127.0.0.1');
    await once(late, 'listening');
    expect(String(await read(await dial(port), 4))).toBe('here');
    late.close();
  });
});
