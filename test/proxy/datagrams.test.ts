import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { chance } from '../../src/model/chance.ts';
import { bandwidth } from '../../src/proxy/datagrams/bandwidth.ts';
import { Deadlines } from '../../src/proxy/time/deadlines.ts';
import { portOf, type Rig, startRig } from './support/rig.ts';

/*
 * Real datagrams through links with protocol udp. They may be lost on any machine, by a receiver that has no processor:
 * senders here do not send more at once than a socket's buffer holds.
 */

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

/** A socket that is bound, and what it gets. */
class Party {
  readonly got: Buffer[] = [];
  /** When each came, in ms. */
  readonly times: number[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket, onDatagram: (datagram: Buffer, from: RemoteInfo, party: Party) => void) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => {
      this.got.push(datagram);
      this.times.push(performance.now());
      onDatagram(datagram, from, this);
    });
  }

  static async at(
    host: string,
    onDatagram: (datagram: Buffer, from: RemoteInfo, party: Party) => void = () => {},
  ): Promise<Party> {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4_000_000 });
    socket.bind(0, host);
    await once(socket, 'listening');
    return new Party(socket, onDatagram);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(text: string | Buffer, port: number, host = '127.0.0.1'): void {
    this.#socket.send(text, port, host);
  }

  texts(): string[] {
    return this.got.map(String);
  }

  close(): void {
    this.#socket.close();
  }
}

const echo = (datagram: Buffer, { port, address }: RemoteInfo, party: Party) => party.send(datagram, port, address);

/** A server, a link to it, and a client of that link. */
const onLink = (
  name: string,
  test: (
    there: { link: string; port: number; server: Party; client: Party },
    context: TestContext,
  ) => void | Promise<void>,
  onDatagram = echo,
) =>
  it(name, async (context) => {
    const server = await Party.at('127.0.0.1', onDatagram);
    const client = await Party.at('127.0.0.1');
    const link = context.task.id;
    const port = await rig.link(link, server.port, 'udp');
    try {
      await test({ link, port, server, client }, context);
    } finally {
      client.close();
      server.close();
    }
  });

/** Numbered datagrams, a few at a time. */
async function sendMany(client: Party, port: number, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    client.send(String(number), port);
    if (number % 20 === 19) await delay(2);
  }
}
const numbers = (count: number): string[] => Array.from({ length: count }, (_, number) => String(number));
const fault = (kind: string, settings: Record<string, string | number>) => ({
  id: kind,
  kind,
  settings: { direction: 'both', seed: 'seed', distribution: 'uniform', per: 'link', ...settings },
});
/** The 99.99 % binomial interval. */
const expectShare = ({ expect }: TestContext, seen: number, asked: number, draws: number): void =>
  expect(Math.abs(seen - asked), `${seen}`).toBeLessThan(3.9 * Math.sqrt((asked * (1 - asked)) / draws));

describe.concurrent('a link with protocol udp', () => {
  onLink(
    'carries every datagram, whole and by itself, and the answers back',
    async ({ port, server, client }, context) => {
      const sizes = [0, 1, 7, 1472, 1473, 9000, 65_507];
      for (const size of sizes) {
        const sent = randomBytes(size);
        client.send(sent, port);
        await context.expect.poll(() => client.got.length, { timeout: 10_000 }).toBeGreaterThan(0);
        context.expect(client.got.splice(0)[0]!.equals(sent)).toBe(true);
      }
      context.expect(server.got.map(({ length }) => length)).toEqual(sizes);
    },
  );

  onLink('keeps their order, and keeps clients apart', async ({ port, client }, context) => {
    const other = await Party.at('127.0.0.1');
    const [mine, its] = [numbers(500), numbers(500).map((text) => `other ${text}`)];
    for (const [place, text] of mine.entries()) {
      client.send(text, port);
      other.send(its[place]!, port);
      if (place % 10 === 9) await delay(2);
    }
    await context.expect.poll(() => client.got.length + other.got.length, { timeout: 10_000 }).toBe(1000);
    context.expect(client.texts()).toEqual(mine);
    context.expect(other.texts()).toEqual(its);
    other.close();
  });

  onLink('keeps sockets for a thousand clients, and forgets who was silent the longest', async (there, context) => {
    const { port, client } = there;
    const ask = async (who: Party) => {
      const before = who.got.length;
      who.send('x', port);
      await context.expect.poll(() => who.got.length, { timeout: 10_000, interval: 1 }).toBe(before + 1);
    };
    await ask(client);
    for (let left = 1100; left > 0; left -= 1) {
      const other = await Party.at('127.0.0.1');
      await ask(other);
      other.close();
    }
    context.expect(readdirSync(`/proc/${rig.child.pid}/fd`).length).toBeLessThan(1200);
    await ask(client);
  });

  it('works over IPv6, and to a server known by its name', async ({ expect }) => {
    const server = await Party.at('::1', echo);
    const client = await Party.at('::1');
    const upstream = `[::1]:${server.port}`;
    const bound = await rig.control.listen({ proxy: 'six', listen: '[::1]:0', upstream, protocol: 'udp' });
    expect(bound).toMatch(/^\[::1\]:\d+$/);
    client.send('six', portOf(bound), '::1');
    await expect.poll(() => client.texts(), { timeout: 10_000 }).toEqual(['six']);
    for (const one of [server, client]) one.close();
    const named = await Party.at('127.0.0.1', echo);
    const caller = await Party.at('127.0.0.1');
    const request = { proxy: 'named', listen: 'localhost:0', upstream: `localhost:${named.port}` };
    caller.send('named', portOf(await rig.control.listen({ ...request, protocol: 'udp' })));
    await expect.poll(() => caller.texts(), { timeout: 10_000 }).toEqual(['named']);
    for (const one of [named, caller]) one.close();
  });

  it('says why it cannot listen, and what it cannot do', async ({ expect }) => {
    const taken = await Party.at('127.0.0.1');
    const listen = (where: string) =>
      rig.control.listen({ proxy: where, listen: where, upstream: '127.0.0.1:9', protocol: 'udp' });
    await expect(listen(`127.0.0.1:${taken.port}`)).rejects.toThrow('another process uses that port already');
    await expect(listen('192.0.2.1:7')).rejects.toThrow('this machine has no such address');
    await expect(listen('nowhere')).rejects.toThrow('is not an address');
    taken.close();
    await rig.link('odd', 9, 'udp');
    await expect(rig.control.add('odd', fault('reset', { share: 1 }))).rejects.toThrow('there is no kind "reset"');
    await expect(rig.control.add('odd', fault('loss', { rate: 2 }))).rejects.toThrow('rate is 2, expected a number');
  });

  it('goes on when its server is not there, and serves when it is', async ({ expect }) => {
    const early = await Party.at('127.0.0.1');
    const { port: serverPort } = early;
    early.close();
    const port = await rig.link('late', serverPort, 'udp');
    const client = await Party.at('127.0.0.1');
    for (let left = 5; left > 0; left -= 1) client.send('lost', port);
    await delay(100);
    const socket = createSocket('udp4');
    socket.on('message', (datagram, from) => socket.send(datagram, from.port, from.address));
    socket.bind(serverPort, '127.0.0.1');
    await once(socket, 'listening');
    client.send('found', port);
    await expect.poll(() => client.texts(), { timeout: 10_000 }).toEqual(['found']);
    socket.close();
    client.close();
  });
});

describe.concurrent('faults of datagrams', () => {
  onLink('delay holds each back, never for too short, and nothing when it is removed', async (there, context) => {
    const { link, port, client } = there;
    await rig.control.add(link, fault('delay', { latencyMs: 200, jitterMs: 0, share: 1 }));
    const startMs = performance.now();
    for (const text of numbers(20)) client.send(text, port);
    await context.expect.poll(() => client.got.length, { timeout: 10_000 }).toBe(20);
    context.expect(client.texts()).toEqual(numbers(20)); // without jitter they stay in order
    context.expect(client.times[0]! - startMs).toBeGreaterThanOrEqual(399.9);
    const counters = await rig.control.remove(link, 'delay');
    context.expect(counters).toMatchObject({ connections: 1, chunks: 40, delayedChunks: 40 });
    context.expect(counters.delayMinMs).toBeGreaterThanOrEqual(200);
    const againMs = performance.now();
    client.send('again', port);
    await context.expect.poll(() => client.got.length, { timeout: 10_000 }).toBe(21);
    context.expect(client.times[20]! - againMs).toBeLessThan(390);
  });

  onLink('what waits in a delay goes on at once when that is removed', async (there, context) => {
    const { link, port, client, server } = there;
    await rig.control.add(link, fault('delay', { latencyMs: 3_600_000, jitterMs: 0, share: 1, direction: 'upstream' }));
    for (const text of numbers(5)) client.send(text, port);
    await context.expect.poll(async () => (await rig.control.counters(link, 'delay')).chunks).toBe(5);
    context.expect(server.got).toEqual([]);
    await rig.control.remove(link, 'delay');
    await context.expect.poll(() => client.texts(), { timeout: 10_000 }).toEqual(numbers(5));
  });

  onLink('delay with jitter lets them overtake each other', async ({ link, port, client, server }, context) => {
    await rig.control.add(link, fault('delay', { latencyMs: 100, jitterMs: 100, share: 1, direction: 'upstream' }));
    for (const text of numbers(50)) client.send(text, port);
    await context.expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(50);
    context.expect(server.texts()).not.toEqual(numbers(50));
    context.expect(server.texts().sort()).toEqual(numbers(50).sort());
  });

  onLink('loss loses the share that was asked for, and none afterwards', async (there, context) => {
    const { link, port, client, server } = there;
    await rig.control.add(link, fault('loss', { rate: 0.3, roundTripMs: 0, direction: 'upstream' }));
    await sendMany(client, port, 2000);
    await context.expect.poll(async () => (await rig.control.counters(link, 'loss')).datagrams).toBe(2000);
    const { hit = 0 } = await rig.control.remove(link, 'loss');
    expectShare(context, hit / 2000, 0.3, 2000);
    await context.expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(2000 - hit);
    await sendMany(client, port, 100);
    await context.expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(2100 - hit);
  });

  onLink('loss may be that of a share of clients, drawn from the seed', async ({ link, port, server }, context) => {
    await rig.control.add(link, fault('loss', { rate: 1, share: 0.5, direction: 'upstream' }));
    const clients: Party[] = [];
    for (let number = 1; number <= 8; number += 1) {
      const client = await Party.at('127.0.0.1');
      clients.push(client);
      client.send(String(number), port);
      await context.expect
        .poll(async () => (await rig.control.counters(link, 'loss')).hit! + server.got.length)
        .toBe(number); // so they are numbered in this order
    }
    const spared = numbers(9).filter((number) => number !== '0' && chance(`seed/${number}`)() >= 0.5);
    context.expect(server.texts()).toEqual(spared);
    for (const client of clients) client.close();
  });

  onLink('duplicate sends the share that was asked for twice', async ({ link, port, client, server }, context) => {
    await rig.control.add(link, fault('duplicate', { rate: 0.3, direction: 'upstream' }));
    await sendMany(client, port, 1000);
    await context.expect.poll(async () => (await rig.control.counters(link, 'duplicate')).datagrams).toBe(1000);
    const { hit = 0 } = await rig.control.remove(link, 'duplicate');
    expectShare(context, hit / 1000, 0.3, 1000);
    await context.expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(1000 + hit);
    context.expect(new Set(server.texts()).size).toBe(1000);
  });

  onLink('corrupt flips one bit of the share that was asked for', async ({ link, port, client, server }, context) => {
    await rig.control.add(link, fault('corrupt', { rate: 0.5, direction: 'upstream' }));
    const whole = Buffer.alloc(100, 0x55);
    for (let sent = 0; sent < 500; sent += 1) {
      client.send(whole, port);
      if (sent % 20 === 19) await delay(2);
    }
    await context.expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(500);
    const flips = server.got.map((got) => got.reduce((sum, byte) => sum + bitsIn(byte ^ 0x55), 0));
    const { hit = 0 } = await rig.control.remove(link, 'corrupt');
    context.expect(new Set(flips)).toEqual(new Set([0, 1]));
    context.expect(flips.filter((count) => count === 1)).toHaveLength(hit);
    expectShare(context, hit / 500, 0.5, 500);
    context.expect(client.got.every(({ length }) => length === 100)).toBe(true);
  });

  onLink('reorder lets some overtake the others', async ({ link, port, client, server }, context) => {
    await rig.control.add(link, fault('reorder', { rate: 0.3, latencyMs: 100, direction: 'upstream' }));
    for (const text of numbers(100)) client.send(text, port);
    await context.expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(100);
    const { hit = 0 } = await rig.control.remove(link, 'reorder');
    context.expect(hit).toBeGreaterThan(5);
    const late = server.got.map(Number).filter((number, place, all) => all.slice(0, place).some((one) => one > number));
    context.expect(late.length).toBeGreaterThan(5);
    context.expect(server.texts().sort()).toEqual(numbers(100).sort());
  });

  onLink('blackhole lets nothing pass in its direction', async ({ link, port, client, server }, context) => {
    await rig.control.add(link, fault('blackhole', { direction: 'downstream' }));
    await sendMany(client, port, 20);
    await context.expect.poll(async () => (await rig.control.counters(link, 'blackhole')).datagrams).toBe(20);
    context.expect(server.got).toHaveLength(20);
    await rig.control.remove(link, 'blackhole');
    client.send('back', port);
    await context.expect.poll(() => client.texts(), { timeout: 10_000 }).toEqual(['back']);
  });

  onLink('bandwidth lets no more pass, and drops what would wait too long', async (there, context) => {
    const { link, port, client, server } = there;
    // 200 datagrams of 1000 bytes at 100 kB a second: some fifty may wait for no more than 400 ms.
    await rig.control.add(link, fault('bandwidth', { bytesPerSecond: 100_000, direction: 'upstream' }));
    for (let sent = 0; sent < 200; sent += 1) client.send(Buffer.alloc(1000), port);
    await context.expect
      .poll(async () => {
        const { bytes = 0, dropped = 0 } = await rig.control.counters(link, 'bandwidth');
        return bytes / 1000 + dropped;
      })
      .toBe(200);
    const { dropped = 0 } = await rig.control.counters(link, 'bandwidth');
    context.expect(dropped).toBeGreaterThan(100);
    await context.expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(200 - dropped);
    const tookMs = server.times.at(-1)! - server.times[0]!;
    context.expect(((server.got.length - 1) * 1000) / tookMs).toBeLessThan(110); // bytes a ms; only ever fewer
  });

  onLink('corrupt spoils one of two that are the same', async ({ link, port, client, server }, context) => {
    await rig.control.add(link, fault('corrupt', { rate: 0.5, direction: 'upstream' }));
    await rig.control.add(link, fault('duplicate', { rate: 1, direction: 'upstream' }));
    const whole = Buffer.alloc(100);
    for (let sent = 0; sent < 40; sent += 1) client.send(whole, port);
    await context.expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(80);
    const flips = server.got.map((got) => got.reduce((sum, byte) => sum + bitsIn(byte), 0));
    context.expect(Math.max(...flips)).toBe(1);
    const { hit = 0 } = await rig.control.counters(link, 'corrupt');
    context.expect(flips.filter((count) => count === 1)).toHaveLength(hit);
  });

  onLink('work together, and one that goes leaves the others', async ({ link, port, client, server }, context) => {
    await rig.control.add(link, fault('duplicate', { rate: 1, direction: 'upstream' }));
    await rig.control.add(link, fault('delay', { latencyMs: 150, jitterMs: 0, share: 1, direction: 'upstream' }));
    const startMs = performance.now();
    client.send('both', port);
    await context.expect.poll(() => server.texts(), { timeout: 10_000 }).toEqual(['both', 'both']);
    context.expect(server.times[0]! - startMs).toBeGreaterThanOrEqual(149.9);
    await rig.control.remove(link, 'duplicate');
    const againMs = performance.now();
    client.send('late', port);
    await context.expect.poll(() => server.texts(), { timeout: 10_000 }).toEqual(['both', 'both', 'late']);
    context.expect(server.times[2]! - againMs).toBeGreaterThanOrEqual(149.9);
  });
});

const bitsIn = (byte: number): number => byte.toString(2).replaceAll('0', '').length;

it.each([
  ['upstream', { duplicate: 1, loss: 2 }],
  ['downstream', { duplicate: 0, loss: 1 }],
])('of two faults the one that began later stands nearer to the client: %s', async (direction, met) => {
  const server = await Party.at('127.0.0.1', echo);
  const client = await Party.at('127.0.0.1');
  const port = await rig.link(direction, server.port, 'udp');
  for (const kind of ['loss', 'duplicate']) await rig.control.add(direction, fault(kind, { rate: 1, direction }));
  client.send('one', port);
  const datagrams = async (kind: string) => (await rig.control.counters(direction, kind)).datagrams;
  await expect.poll(() => datagrams('loss')).toBe(met.loss);
  expect(await datagrams('duplicate')).toBe(met.duplicate);
  client.close();
  server.close();
});

it('a datagram that finds no room takes no time of a narrow line', async () => {
  const deadlines = new Deadlines();
  const fault = bandwidth.begin({ bytesPerSecond: 10_000, per: 'link', direction: 'both' }, { deadlines });
  let hasRoom = false;
  const { upstream } = fault.join({ number: 1, guard: (work) => work(), mayHold: () => hasRoom, held() {} });
  const passed = new Promise<Buffer>((resolve) => {
    upstream!.next = resolve;
  });
  upstream!.take(Buffer.alloc(3000));
  hasRoom = true;
  upstream!.take(Buffer.from('next'));
  expect(String(await passed)).toBe('next');
  expect(fault.counters()).toMatchObject({ dropped: 1, bytes: 4, heldPieces: 0 });
  await deadlines.stop();
});
