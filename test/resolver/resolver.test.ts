import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { decode, encode } from 'dns-packet';
import { array, assert, asyncProperty, uint8Array } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framed } from '../../src/resolver/message/frames.ts';
import { Resolver } from '../../src/resolver/resolver.ts';

const resolver = new Resolver();
let udp: Datagrams;
let tcp: Server;
let port: number;

/** A nameserver that gives back what it gets, with a byte before it; it answers what is no message at all, too. */
beforeAll(async () => {
  tcp = createServer((client) => client.on('data', (bytes) => client.write(bytes)).on('error', () => undefined));
  await once(tcp.listen(0, '127.0.0.1'), 'listening');
  const upstream = (tcp.address() as AddressInfo).port;
  udp = createSocket('udp4', (message, from) =>
    udp.send(Buffer.concat([Buffer.of(0x2a), message]), from.port, from.address),
  );
  await new Promise<void>((resolve) => udp.bind(upstream, '127.0.0.1', resolve));
  const bound = await resolver.listen({
    proxy: 'link',
    listen: '127.0.0.1:0',
    upstream: `127.0.0.1:${upstream}`,
    protocol: 'dns',
  });
  port = Number(bound.split(':')[1]);
});

afterAll(() => {
  resolver.close();
  udp.close();
  tcp.close();
});

async function datagram(message: Uint8Array): Promise<Buffer> {
  const socket = createSocket('udp4');
  try {
    socket.send(message, port, '127.0.0.1');
    return (await once(socket, 'message'))[0] as Buffer;
  } finally {
    socket.close();
  }
}

/** Sends it in pieces of a few bytes. @returns everything that comes back once that is as long as what was sent */
async function stream(bytes: Buffer): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let back = Buffer.alloc(0);
  const whole = new Promise<void>((resolve) =>
    socket.on('data', (piece) => {
      back = Buffer.concat([back, piece]);
      if (back.length >= bytes.length) resolve();
    }),
  );
  for (let at = 0; at < bytes.length; at += 700) {
    socket.write(bytes.subarray(at, at + 700));
    await delay(0);
  }
  if (bytes.length > 0) await whole;
  socket.destroy();
  return back;
}

const question = (name: string): Buffer => encode({ type: 'query', id: 77, questions: [{ name, type: 'A' }] });
const settings = { mode: 'nxdomain', names: ['*.example.com'], rate: 1, seed: 's' };

describe('the resolver', () => {
  it('hands on whatever datagrams there are, and what is answered, byte for byte', async () => {
    resolver.add('*', { id: 'meant for others', kind: 'dns', settings });
    await assert(
      asyncProperty(uint8Array({ maxLength: 600 }), async (bytes) => {
        expect(await datagram(bytes)).toEqual(Buffer.concat([Buffer.of(0x2a), bytes]));
      }),
      { numRuns: 200 },
    );
  });

  it('hands on whatever messages come over a TCP connection', async () => {
    await assert(
      asyncProperty(array(uint8Array({ maxLength: 2000 }), { maxLength: 5 }), async (messages) => {
        const bytes = Buffer.concat(messages.map((one) => framed(Buffer.from(one))));
        expect(await stream(bytes)).toEqual(bytes);
      }),
      { numRuns: 50 },
    );
  });

  it('answers what a fault is meant for, until it is removed, and never again', async () => {
    resolver.add('link', { id: 'one', kind: 'dns', settings: { ...settings, mode: 'servfail', names: ['a.test'] } });
    resolver.add('other link', { id: 'two', kind: 'dns', settings: { ...settings, names: ['a.test'] } });
    expect(decode(await datagram(question('a.test')))).toMatchObject({ id: 77, rcode: 'SERVFAIL' });
    expect((await datagram(question('b.test')))[0]).toBe(0x2a);
    expect(resolver.counters('link', 'one')).toMatchObject({
      inForce: 1,
      queries: 2,
      matchingQueries: 1,
      hitQueries: 1,
    });
    expect(resolver.remove('link', 'one')).toMatchObject({ inForce: 0, hitQueries: 1 });
    expect(resolver.remove('link', 'one')).toMatchObject({ inForce: 0, hitQueries: 1 });
    expect((await datagram(question('a.test')))[0]).toBe(0x2a);
    expect(() => resolver.add('link', { id: 'one', kind: 'dns', settings })).toThrow('stays removed');
  });

  it('lets go at once of what it holds when the delay is lifted', async () => {
    const held = { ...settings, mode: 'delay', latencyMs: 3_600_000, names: ['*'] };
    resolver.add('link', { id: 'held', kind: 'dns', settings: held });
    const answer = datagram(question('c.test'));
    while (resolver.counters('link', 'held').hitQueries === 0) await delay(1);
    resolver.remove('link', 'held');
    expect((await answer)[0]).toBe(0x2a);
  });

  it('ends a fault at its deadline by itself', async () => {
    resolver.add('link', { id: 'short', kind: 'dns', settings: { ...settings, deadlineMs: 20 } });
    while (resolver.counters('link', 'short').inForce === 1) await delay(1);
    expect((await datagram(question('x.example.org')))[0]).toBe(0x2a);
  });

  it('refuses settings that are wrong, with one line', () => {
    const add = (changed: object) => () =>
      resolver.add('link', { id: 'bad', kind: 'dns', settings: { ...settings, ...changed } });
    expect(add({ mode: 'shout' })).toThrow('mode is "shout", expected one of nxdomain');
    expect(add({ rate: 2 })).toThrow('rate is 2, expected a number from 0 to 1');
  });
});
