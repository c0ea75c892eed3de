import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chance } from '../../src/model/chance.ts';
import type { ProxyFault } from '../../src/model/operation.ts';
import { delayOf, dial, fate, type Rig, read, serve, startRig } from './support/rig.ts';

let rig: Rig;
let echo: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  rig = await startRig();
  echo = await serve((socket) => void socket.pipe(socket));
});
afterAll(async () => {
  await echo.close();
  await rig.stop();
});

const blackhole = (id: string, direction = 'both'): ProxyFault => ({ id, kind: 'blackhole', settings: { direction } });
const reset = (id: string, more: Record<string, number | string> = {}): ProxyFault => ({
  id,
  kind: 'reset',
  settings: { share: 1, seed: id, ...more },
});
const bandwidth = (id: string, bytesPerSecond: number): ProxyFault => ({
  id,
  kind: 'bandwidth',
  settings: { bytesPerSecond, per: 'link', direction: 'both' },
});
const loss = (id: string, rate: number): ProxyFault => ({
  id,
  kind: 'loss',
  settings: { rate, roundTripMs: 20, direction: 'both', seed: id },
});

/** How a new connection ends. */
async function endOfNew(port: number, onData: (data: Buffer) => void = () => undefined): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('data', onData);
  return (await fate(socket)) === 'reset' ? 'ECONNRESET' : 'ended';
}

it('a connection that is lost both ways is closed once', async () => {
  const port = await rig.link('lost', echo.port);
  const settings = { timeoutMs: 100, direction: 'both', share: 1 };
  await rig.control.add('lost', { id: 'pit', kind: 'timeout', settings });
  const client = await dial(port);
  client.write('lost');
  expect(await fate(client)).toBe('ended');
  client.end();
  expect(await rig.control.remove('lost', 'pit')).toMatchObject({ connections: 1, droppedBytes: 4, closed: 1 });
});

it('a connection that is lost both ways is closed even where nothing passes in one of them', async () => {
  const port = await rig.link('lost-behind', echo.port);
  const settings = { timeoutMs: 100, direction: 'both', share: 1 };
  await rig.control.add('lost-behind', { id: 'pit', kind: 'timeout', settings });
  await rig.control.add('lost-behind', blackhole('wall', 'downstream'));
  expect(await fate(await dial(port))).toBe('ended');
});

describe('a black hole', () => {
  it('lets nothing pass, and everything when it is lifted, in order', async () => {
    const client = await dial(await rig.link('hole', echo.port));
    client.write('before ');
    expect(String(await read(client, 7))).toBe('before ');
    await rig.control.add('hole', blackhole('wall'));
    client.write('during');
    await expect.poll(async () => (await rig.control.counters('hole', 'wall')).bytes).toBe(6);
    expect(client.readableLength).toBe(0);
    const counters = await rig.control.remove('hole', 'wall');
    expect(counters).toMatchObject({ connections: 1, bytes: 6 });
    expect(String(await read(client, 6))).toBe('during');
    client.destroy();
  });

  it('in one direction lets the other pass', async () => {
    const heard: string[] = [];
    const server = await serve((socket) => {
      socket.on('data', (data) => heard.push(String(data)));
      socket.write('hello');
    });
    const port = await rig.link('one-way', server.port);
    await rig.control.add('one-way', blackhole('wall', 'upstream'));
    const client = await dial(port);
    client.write('is anybody there?');
    expect(String(await read(client, 5))).toBe('hello');
    expect(heard).toEqual([]);
    await rig.control.remove('one-way', 'wall');
    await expect.poll(() => heard.join('')).toBe('is anybody there?');
    client.destroy();
    await server.close();
  });

  it('makes the sender wait when more comes than the proxy may hold', async () => {
    const sink = await serve((socket) => void socket.resume());
    const client = await dial(await rig.link('full', sink.port));
    await rig.control.add('full', blackhole('wall'));
    const block = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent < 64; sent += 1) client.write(block);
    await expect
      .poll(async () => (await rig.control.counters('full', 'wall')).bytes, { timeout: 10_000 })
      .toBeGreaterThan(15 * block.length);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await rig.control.counters('full', 'wall')).bytes).toBeLessThan(20 * block.length);
    client.destroy();
    await rig.control.remove('full', 'wall');
    await sink.close();
  });
});

describe('a reset', () => {
  it('breaks connections that exist, idle ones too, on both sides, and those that come', async () => {
    const ends: Promise<string>[] = [];
    const server = await serve((socket) => void ends.push(fate(socket)));
    const port = await rig.link('broken', server.port);
    const idle = await dial(port);
    await expect.poll(() => ends.length).toBe(1);
    const idleFate = fate(idle);
    await rig.control.add('broken', reset('break'));
    expect(await idleFate).toBe('reset');
    expect(await ends[0]).toBe('reset');
    expect(await endOfNew(port)).toBe('ECONNRESET');
    expect(await rig.control.remove('broken', 'break')).toMatchObject({ connections: 2, resets: 2 });
    const after = await dial(port);
    expect(after.destroyed).toBe(false);
    after.destroy();
    await server.close();
  });

  it('comes in the middle of an answer, after so many bytes', async () => {
    const server = await serve((socket) => socket.write('x'.repeat(10_000)));
    const port = await rig.link('cut', server.port);
    await rig.control.add('cut', reset('fuse', { afterBytes: 1000, direction: 'downstream' }));
    let bytes = 0;
    expect(
      await endOfNew(port, (data) => {
        bytes += data.length;
      }),
    ).toBe('ECONNRESET');
    expect(bytes).toBeLessThanOrEqual(1000);
    await rig.control.remove('cut', 'fuse');
    await server.close();
  });

  it('comes after so many bytes of the direction that was asked for', async () => {
    const server = await serve((socket) => {
      socket.write('x'.repeat(10_000));
      socket.resume();
    });
    for (const direction of ['upstream', 'both']) {
      const port = await rig.link(`cut-${direction}`, server.port);
      await rig.control.add(`cut-${direction}`, reset('fuse', { afterBytes: 20_000, direction }));
      const client = await dial(port);
      await read(client, 10_000);
      client.write('x'.repeat(15_000));
      await expect.poll(() => [...server.sockets].at(-1)?.bytesRead).toBe(15_000);
      expect(client.destroyed).toBe(false);
      client.write('x'.repeat(5_000));
      expect(await fate(client)).toBe('reset');
      expect(await rig.control.remove(`cut-${direction}`, 'fuse')).toMatchObject({ connections: 1, resets: 1 });
    }
    await server.close();
  });

  it('comes after a time, and not when it was lifted before', async () => {
    const port = await rig.link('later', echo.port);
    await rig.control.add('later', reset('timer', { afterMs: 50 }));
    const began = performance.now();
    expect(await fate(await dial(port))).toBe('reset');
    expect(performance.now() - began).toBeGreaterThanOrEqual(49);
    const saved = await dial(port);
    await rig.control.remove('later', 'timer');
    await new Promise((resolve) => setTimeout(resolve, 100));
    saved.write('still here');
    expect(String(await read(saved, 10))).toBe('still here');
    saved.destroy();
  });
});

describe('a bandwidth', () => {
  it('is what passes, for one connection or several together', async () => {
    const port = await rig.link('narrow', echo.port);
    await rig.control.add('narrow', bandwidth('limit', 1_000_000));
    const clients = await Promise.all([dial(port), dial(port)]);
    const payload = randomBytes(250_000);
    const began = performance.now();
    for (const client of clients) client.write(payload);
    for (const client of clients) expect((await read(client, payload.length)).equals(payload)).toBe(true);
    // Half a million bytes each way; the ways overlap.
    expect(performance.now() - began).toBeGreaterThanOrEqual(490);
    const { busyBytes, busyMs, heldPieces } = await rig.control.remove('narrow', 'limit');
    expect(heldPieces).toBeGreaterThan(100);
    expect(busyBytes! / (busyMs! / 1000)).toBeLessThan(1_020_000);
    for (const client of clients) client.destroy();
  });

  it('that nothing reaches holds nothing back', async () => {
    const client = await dial(await rig.link('wide', echo.port));
    await rig.control.add('wide', bandwidth('limit', 100_000_000));
    client.write('ping');
    await read(client, 4);
    expect(await rig.control.remove('wide', 'limit')).toMatchObject({ bytes: 8, heldPieces: 0 });
    client.destroy();
  });
});

describe('a share of the connections', () => {
  it.each([
    ['blackhole', {}],
    ['corrupt', { rate: 1 }],
    ['loss', { rate: 1, roundTripMs: 1000 }],
  ])('is drawn from the seed, and no other meets the %s', async (kind, settings) => {
    const link = `share-of-${kind}`;
    const port = await rig.link(link, echo.port);
    const clients = [];
    for (let number = 1; number <= 8; number += 1) clients.push(await dial(port));
    const fault = { id: 'fault', kind, settings: { ...settings, direction: 'downstream', share: 0.5, seed: 'seed' } };
    await rig.control.add(link, fault);
    const heard = clients.map((client) => {
      const texts: string[] = [];
      client.on('data', (data) => texts.push(String(data)));
      client.write('ping');
      return texts;
    });
    const isHit = clients.map((_, index) => chance(`seed/${index + 1}`)() < 0.5);
    expect(new Set(isHit).size).toBe(2);
    const wellIn = () => heard.map((texts) => texts.join('') === 'ping');
    await expect.poll(async () => (await rig.control.counters(link, 'fault')).connections).toBeGreaterThan(0);
    await expect.poll(wellIn).toEqual(isHit.map((hit) => !hit));
    const counters = await rig.control.remove(link, 'fault');
    expect(counters.connections).toBe(isHit.filter((hit) => hit).length);
    if (kind !== 'corrupt') await expect.poll(wellIn).toEqual(isHit.map(() => true));
    for (const client of clients) client.destroy();
  });
});

describe('a link', () => {
  it('takes a thousand faults, through which bytes pass, and no more', async () => {
    const client = await dial(await rig.link('laden', echo.port));
    for (let number = 0; number < 1000; number += 1) await rig.control.add('laden', bandwidth(`${number}`, 1e12));
    await expect(rig.control.add('laden', bandwidth('more', 1e12))).rejects.toThrow(
      '"laden" has 1000 faults already: a link takes no more at once',
    );
    client.write('through all of them');
    expect(String(await read(client, 19))).toBe('through all of them');
    client.destroy();
  });
});

describe('faults that come and go while data flows', () => {
  it('neither lose nor reorder a byte, whatever is put in and taken out', async () => {
    const port = await rig.link('busy', echo.port);
    const kinds = [
      (id: string) => blackhole(id),
      (id: string) => bandwidth(id, 5_000_000),
      (id: string) => loss(id, 0.2),
      (id: string) => delayOf(id, 3, { jitterMs: 2, direction: 'both' }),
    ];
    let count = 0;
    const nextId = () => {
      count += 1;
      return count;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ kind: fc.nat(3), lastsMs: fc.integer({ min: 0, max: 30 }) }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (schedule) => {
          const client = await dial(port);
          const payload = randomBytes(300_000);
          const got = createHash('sha256');
          let bytes = 0;
          client.on('data', (data) => {
            got.update(data);
            bytes += data.length;
          });
          const ended = once(client, 'end');
          client.end(payload);
          await Promise.all(
            schedule.map(async ({ kind, lastsMs }, index) => {
              await new Promise((resolve) => setTimeout(resolve, index * 5));
              const fault = kinds[kind]!(`f${nextId()}`);
              await rig.control.add('busy', fault);
              await new Promise((resolve) => setTimeout(resolve, lastsMs));
              await rig.control.remove('busy', fault.id);
            }),
          );
          await ended;
          expect(bytes).toBe(payload.length);
          expect(got.digest('hex')).toBe(createHash('sha256').update(payload).digest('hex'));
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);
});

describe('corruption', () => {
  it('flips one bit of the share of segments that was asked for, in the directions that were', async () => {
    const client = await dial(await rig.link('corrupt', echo.port));
    const corrupt = { id: 'corrupt', kind: 'corrupt', settings: { rate: 0.3, direction: 'downstream', seed: 'seed' } };
    await rig.control.add('corrupt', corrupt);
    const sent = Buffer.alloc(2_000_000, 0x55);
    client.write(sent);
    const received = await read(client, sent.length);
    const { segments = 0, hit = 0, bytes } = await rig.control.remove('corrupt', 'corrupt');
    expect(bytes).toBe(sent.length);
    expect(segments).toBeGreaterThanOrEqual(sent.length / 1448);
    const flips = received.filter((byte) => byte !== 0x55);
    expect(flips).toHaveLength(hit);
    for (const byte of flips) expect((byte ^ 0x55).toString(2).replaceAll('0', '')).toBe('1');
    // The 99.99 % binomial interval.
    expect(Math.abs(hit / segments - 0.3)).toBeLessThan(3.9 * Math.sqrt((0.3 * 0.7) / segments));
    client.write(sent);
    expect((await read(client, sent.length)).equals(sent)).toBe(true);
    client.destroy();
  });
});

describe('a closed port', () => {
  it('refuses who connects, leaves connections that exist alone, and opens again', async () => {
    const port = await rig.link('closed', echo.port);
    const client = await dial(port);
    const close = (id: string): ProxyFault => ({ id, kind: 'refuse', settings: {} });
    await rig.control.add('closed', close('one'));
    await rig.control.add('closed', close('two'));
    await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
    client.write('still here');
    expect(String(await read(client, 10))).toBe('still here');
    await rig.control.remove('closed', 'one');
    await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
    expect(await rig.control.remove('closed', 'two')).toMatchObject({ inForce: 0 });
    const next = await dial(port);
    next.write('x');
    expect(String(await read(next, 1))).toBe('x');
    for (const one of [client, next]) one.destroy();
  });

  it('leaves those alone who were connected before the proxy has come to accept them', async () => {
    const port = await rig.link('backlog', echo.port);
    rig.child.kill('SIGSTOP');
    const closed = rig.control.add('backlog', { id: 'closed', kind: 'refuse', settings: {} });
    const clients = await Promise.all(Array.from({ length: 100 }, () => dial(port)));
    rig.child.kill('SIGCONT');
    await closed;
    for (const client of clients) client.write('x');
    for (const client of clients) expect(String(await read(client, 1))).toBe('x');
    await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
    await rig.control.remove('backlog', 'closed');
    for (const client of [...clients, await dial(port)]) client.destroy();
  });

  it('that is opened again before it was quite closed is open', async () => {
    const port = await rig.link('hasty', echo.port);
    const closed = rig.control.add('hasty', { id: 'closed', kind: 'refuse', settings: {} });
    const opened = rig.control.remove('hasty', 'closed');
    await Promise.all([closed, opened]);
    const client = await dial(port);
    client.write('x');
    expect(String(await read(client, 1))).toBe('x');
    client.destroy();
  });

  it('that somebody else has taken is told of, and opened once it is free', async () => {
    const port = await rig.link('taken', echo.port);
    await rig.control.add('taken', { id: 'closed', kind: 'refuse', settings: {} });
    const thief = createServer().listen(port, '127.0.0.1');
    await once(thief, 'listening');
    await expect(rig.control.remove('taken', 'closed')).rejects.toThrow('another process uses that port already');
    expect(await rig.control.counters('taken', 'closed')).toMatchObject({ inForce: 1 });
    thief.close();
    await once(thief, 'close');
    expect(await rig.control.remove('taken', 'closed')).toMatchObject({ inForce: 0 });
    (await dial(port)).destroy();
  });
});

describe('a slow accept', () => {
  const slow = (share = 1): ProxyFault => ({
    id: 'slow',
    kind: 'slow-accept',
    settings: { delayMs: 300, share, seed: 'seed' },
  });

  it('holds new connections until their time, in both directions, and no others', async () => {
    const greeter = await serve((socket) => {
      socket.write('hello');
      socket.pipe(socket);
    });
    const port = await rig.link('slow-accept', greeter.port);
    const old = await dial(port);
    await read(old, 5);
    await rig.control.add('slow-accept', slow());
    const startMs = performance.now();
    const next = await dial(port);
    next.write('question');
    old.write('x');
    await read(old, 1);
    const oldMs = performance.now() - startMs;
    expect(String(await read(next, 5))).toBe('hello');
    const newMs = performance.now() - startMs;
    expect(newMs).toBeGreaterThanOrEqual(299.9);
    expect(oldMs).toBeLessThan(newMs);
    expect(String(await read(next, 8))).toBe('question');
    const againMs = performance.now();
    next.write('x');
    await read(next, 1);
    expect(performance.now() - againMs).toBeLessThan(290); // it is as fast as ever
    expect(await rig.control.remove('slow-accept', 'slow')).toMatchObject({ connections: 1, delayed: 1 });
    for (const one of [old, next]) one.destroy();
    await greeter.close();
  });
});

describe('a connection that is closed', () => {
  it('brings a slow reader what was on its way, unspoilt by what comes later', async () => {
    const pattern = randomBytes(1_000_003);
    const server = await serve((socket) => void socket.pause());
    const port = await rig.link('closed-slowly', server.port);
    const limit = { bytes: 1, direction: 'downstream' };
    await rig.control.add('closed-slowly', { id: 'limit', kind: 'limit-data', settings: limit });
    const client = await dial(port);
    for (let left = 40; left > 0; left -= 1) client.write(pattern); // more than kernels and the proxy take
    await expect.poll(() => server.sockets.size).toBe(1);
    const [reader] = server.sockets;
    const heard = [await read(reader!, pattern.length)];
    const waiting: number[] = [];
    const rests = () => waiting.push(client.writableLength) > 1 && waiting.at(-1) === waiting.at(-2);
    await expect.poll(rests).toBe(true); // now nobody takes any more
    reader!.write('the last byte');
    await once(client.resume(), 'end');
    reader!.on('data', (bytes) => heard.push(bytes)).resume();
    await once(reader!, 'end');
    const all = Buffer.concat(heard);
    expect(all.length).toBeGreaterThan(pattern.length);
    for (let from = 0; from < all.length; from += pattern.length) {
      const part = all.subarray(from, from + pattern.length);
      expect(part.equals(pattern.subarray(0, part.length))).toBe(true);
    }
    client.destroy();
    await server.close();
  });
});
