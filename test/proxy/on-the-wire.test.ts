import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest';
import { chance } from '../../src/model/chance.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { fly, segmentBytes } from '../../src/proxy/faults/flight.ts';
import { needs } from '../support/needs.ts';
import { dial, promised, type Rig, read, serve, startRig } from './support/rig.ts';
import { data, flagged, type Packet, tap } from './support/tap.ts';

/*
 * What stands on the wire on both sides of a link, not what sockets tell of it. Times are never too short; how much too
 * long they may be depends on who else uses the machine.
 */

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

/** A link to a server, with somebody who listens on the wire. */
async function listenedTo(context: TestContext, onConnection: (socket: Socket) => void) {
  needs(context, 'tcpdump');
  const { name } = context.task;
  const server = await serve(onConnection);
  context.onTestFinished(() => server.close());
  const port = await rig.link(name, server.port);
  const wire = await tap({ proxy: port, server: server.port }, (end) => context.onTestFinished(end));
  return {
    wire,
    port,
    server,
    async dial(): Promise<Socket> {
      const client = await dial(port);
      context.onTestFinished(() => void client.destroy());
      return client;
    },
    add: (kind: string, settings: JsonObject) => rig.control.add(name, { id: kind, kind, settings }),
    remove: (kind: string) => rig.control.remove(name, kind),
  };
}

const echo = (socket: Socket) => void socket.pipe(socket);
const isOver = (packets: Packet[]) => flagged(packets, 'F') !== undefined || flagged(packets, 'R') !== undefined;
/** What clocks may be corrected by meanwhile: the kernel stamps packets with the time of day. */
const correctionMs = 0.1;
const ms = (packet: Packet | undefined): number => packet!.atMs + correctionMs;

describe.concurrent('with nothing injected', () => {
  it('an end is a FIN on its own side, and the other direction goes on', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => {
      socket.resume().once('end', () => {
        socket.write('answer');
        setImmediate(() => socket.end());
      });
    });
    const client = await link.dial();
    client.end('question');
    await wire.until(() => isOver(wire.toClient()));
    expect(data(wire.toServer())).toMatchObject([{ bytes: 8 }]);
    expect(data(wire.toClient())).toMatchObject([{ bytes: 6 }]);
    expect(flagged(wire.toServer(), 'F')).toMatchObject({ sentBytes: 8 });
    expect(flagged(wire.toClient(), 'F')).toMatchObject({ sentBytes: 6 });
    expect(flagged(wire.toServer(), 'F')!.atMs).toBeLessThan(data(wire.toClient())[0]!.atMs);
    for (const packets of [wire.toServer(), wire.toClient()]) expect(flagged(packets, 'R')).toBeUndefined();
  });

  it('an end of the server is a FIN for its client, who goes on', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => void socket.resume().end('greeting'));
    const client = await link.dial();
    client.resume();
    await once(client, 'end');
    client.end('thanks');
    await wire.until(() => isOver(wire.toServer()));
    expect(flagged(wire.toClient(), 'F')).toMatchObject({ sentBytes: 8 });
    expect(data(wire.toServer())).toMatchObject([{ bytes: 6 }]);
    expect(flagged(wire.toServer(), 'F')).toMatchObject({ sentBytes: 6 });
    expect(flagged(wire.toClient(), 'F')!.atMs).toBeLessThan(data(wire.toServer())[0]!.atMs);
    for (const packets of [wire.toServer(), wire.toClient()]) expect(flagged(packets, 'R')).toBeUndefined();
  });

  it('a reset on one side is a reset on the other, and no FIN', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => {
      socket.once('data', (bytes) => (String(bytes) === 'die' ? socket.resetAndDestroy() : socket.write('alive')));
    });
    const first = await link.dial();
    first.write('die');
    await wire.until(() => isOver(wire.toClient()));
    const second = await link.dial();
    second.write('live');
    await read(second, 5);
    second.resetAndDestroy();
    const resets = () => wire.toServer().filter(({ flags }) => flags.includes('R'));
    await wire.until(() => resets().length > 0);
    expect(flagged(wire.toClient(), 'R')!.atMs).toBeGreaterThan(flagged(wire.fromServer(), 'R')!.atMs);
    expect(resets()[0]!.atMs).toBeGreaterThan(flagged(wire.fromClient(), 'R')!.atMs);
    for (const packets of [wire.toServer(), wire.toClient()]) expect(flagged(packets, 'F')).toBeUndefined();
  });

  it('small messages go on one by one, each in a segment of its own, and wait for no acknowledgement', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, () => undefined);
    // Who does not read acknowledges late, but for the first few.
    const readOnce = { buffer: Buffer.alloc(64), callback: () => false };
    const client = connect({ port: link.port, host: '127.0.0.1', onread: readOnce });
    context.onTestFinished(() => void client.destroy());
    await wire.until(() => flagged(wire.fromServer(), 'S') !== undefined);
    await expect.poll(() => link.server.sockets.size).toBe(1);
    const [server] = link.server.sockets;
    for (let times = 1; times <= 40; times += 1) {
      server!.write(Buffer.alloc(64));
      await wire.until(() => data(wire.toClient()).at(-1)?.sentBytes === 64 * times);
    }
    const sent = data(wire.toClient());
    expect(sent.map(({ bytes, flags }) => `${bytes} ${flags}`)).toEqual(Array(40).fill('64 P.'));
    const acknowledged = ({ atMs }: Packet) =>
      Math.max(...wire.fromClient().map((packet) => (packet.atMs < atMs ? packet.ackedBytes : 0)));
    // Nagle's algorithm would let none go before all that was sent earlier is acknowledged.
    expect(sent.filter((packet) => acknowledged(packet) < packet.sentBytes - 64)).not.toEqual([]);
  });
});

describe.concurrent('a reset', () => {
  it('is an RST for both sides of a connection that rests, and no FIN', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, echo);
    const client = await link.dial();
    client.write('hello');
    await read(client, 5);
    await link.add('reset', { share: 1, seed: 'seed' });
    await wire.until(() => isOver(wire.toClient()) && isOver(wire.toServer()));
    for (const packets of [wire.toServer(), wire.toClient()]) {
      expect(flagged(packets, 'R')).toMatchObject({ sentBytes: 5 });
      expect(flagged(packets, 'F')).toBeUndefined();
    }
  });

  it('is an RST for who does not read what is left for him, whose peer has ended its side', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => void socket.pause());
    const client = await link.dial();
    await link.add('blackhole', { direction: 'upstream' });
    client.end(Buffer.alloc(8_000_000)); // more than kernels keep
    await wire.until(() => wire.toClient().some(({ ackedBytes }) => ackedBytes > 8_000_000));
    await link.remove('blackhole');
    await link.add('reset', { share: 1, seed: 'seed' });
    await wire.until(() => isOver(wire.toClient()) && isOver(wire.toServer()));
    for (const packets of [wire.toServer(), wire.toClient()]) {
      expect(flagged(packets, 'F')).toBeUndefined();
      expect(flagged(packets, 'R')).toBeDefined();
    }
  });
});

describe.concurrent('a refused connection', () => {
  it('is a SYN that is answered by RST, and the server hears nothing of it', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, echo);
    await link.add('refuse', {});
    const client = connect(link.port, '127.0.0.1');
    const [error] = await once(client, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    await wire.until(() => wire.toClient().length > 0);
    expect(wire.fromClient().map(({ flags }) => flags)).toEqual(['S']);
    expect(wire.toClient().map(({ flags }) => flags)).toEqual(['R.']);
    await link.remove('refuse');
    const next = await link.dial();
    next.write('x');
    await read(next, 1);
    await wire.until(() => data(wire.toServer()).length > 0);
    expect(data(wire.toServer())).toMatchObject([{ bytes: 1 }]);
    expect(flagged(wire.toServer(), 'S')!.atMs).toBeGreaterThan(wire.toClient()[0]!.atMs);
  });
});

describe.concurrent('a black hole', () => {
  it('acknowledges bytes and the end, and lets nothing through: no byte, no FIN, no RST', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => void socket.resume());
    const client = await link.dial();
    client.write('before');
    await wire.until(() => data(wire.toServer()).length === 1);
    await link.add('blackhole', { direction: 'both' });
    client.write('during ');
    await wire.until(() => wire.toClient().some(({ ackedBytes }) => ackedBytes === 13));
    client.end('it');
    [...link.server.sockets][0]!.write('unheard');
    await wire.until(() => wire.toClient().some(({ ackedBytes }) => ackedBytes === 16)); // with the FIN
    await wire.until(() => wire.toServer().some(({ ackedBytes }) => ackedBytes === 7));
    const liftedMs = Date.now();
    await link.remove('blackhole');
    await wire.until(() => isOver(wire.toServer()) && data(wire.toClient()).length > 0);
    const [before, ...after] = data(wire.toServer());
    expect(before).toMatchObject({ sentBytes: 6 });
    expect(after.at(-1)).toMatchObject({ sentBytes: 15 });
    expect(flagged(wire.toServer(), 'F')).toMatchObject({ sentBytes: 15 });
    expect(data(wire.toClient())).toMatchObject([{ sentBytes: 7 }]);
    for (const packet of [...after, flagged(wire.toServer(), 'F'), ...data(wire.toClient())])
      expect(ms(packet)).toBeGreaterThanOrEqual(liftedMs);
    for (const packets of [wire.toServer(), wire.toClient()]) expect(flagged(packets, 'R')).toBeUndefined();
  });
});

describe.concurrent('a delay', () => {
  it('lets each segment go when its time has come and not before, in order, and the FIN behind them', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, echo);
    const client = await link.dial();
    const settings = { latencyMs: 80, jitterMs: 0, distribution: 'uniform', share: 1, direction: 'both', seed: 'seed' };
    await link.add('delay', settings);
    for (let index = 0; index < 10; index += 1) {
      client.write(Buffer.alloc(100 + index));
      await wire.until(() => data(wire.toClient()).length >= index - 5);
    }
    client.end();
    await wire.until(() => isOver(wire.toClient()));
    for (const [came, went] of [
      [wire.fromClient(), wire.toServer()],
      [wire.fromServer(), wire.toClient()],
    ] as const) {
      expect(data(went).at(-1)).toMatchObject({ sentBytes: 1045 });
      for (const packet of data(went)) expect(ms(packet) - arrivalOf(packet, came)).toBeGreaterThanOrEqual(80);
      expect(flagged(went, 'F')).toMatchObject({ sentBytes: 1045 });
      expect(ms(flagged(went, 'F')) - flagged(came, 'F')!.atMs).toBeGreaterThanOrEqual(80);
      expect(flagged(went, 'R')).toBeUndefined();
    }
  });
});

/** When the last byte of a packet that goes on has come. */
const arrivalOf = ({ sentBytes }: Packet, came: Packet[]): number =>
  data(came).find((packet) => packet.sentBytes >= sentBytes)!.atMs;

describe.concurrent('a slow close', () => {
  it('is a FIN that comes later, and bytes that do not', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => void socket.resume());
    const client = await link.dial();
    await link.add('slow-close', { delayMs: 400, direction: 'upstream' });
    client.end('bytes');
    await wire.until(() => isOver(wire.toServer()));
    const end = flagged(wire.toServer(), 'F');
    expect(end).toMatchObject({ sentBytes: 5 });
    expect(ms(end) - flagged(wire.fromClient(), 'F')!.atMs).toBeGreaterThanOrEqual(400);
    expect(data(wire.toServer())).toMatchObject([{ bytes: 5 }]);
    expect(data(wire.toServer())[0]!.atMs).toBeLessThan(end!.atMs);
  });
});

describe.concurrent('a limit', () => {
  it('is so many bytes and then a FIN, for both sides', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => {
      socket.resume();
      socket.write(Buffer.alloc(50_000));
    });
    await link.add('limit-data', { bytes: 12_345, direction: 'downstream' });
    const client = await link.dial();
    client.resume();
    await wire.until(() => isOver(wire.toClient()) && isOver(wire.toServer()));
    expect(data(wire.toClient()).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(12_345);
    expect(flagged(wire.toClient(), 'F')).toMatchObject({ sentBytes: 12_345 });
    expect(flagged(wire.toServer(), 'F')).toBeDefined();
    expect(flagged(wire.toClient(), 'R')).toBeUndefined();
  });

  it('is all of those bytes for a client that goes on talking', async (context) => {
    const { expect } = context;
    const answer = Buffer.alloc(8_000_000);
    const { wire, ...link } = await listenedTo(context, (socket) => {
      socket.resume();
      socket.write(answer);
    });
    await link.add('limit-data', { bytes: 5_000_000, direction: 'downstream' });
    const client = await link.dial();
    const talk = () => {
      while (!client.destroyed && client.write(answer.subarray(0, 50_000)));
    };
    client.on('drain', talk);
    talk();
    let heard = 0;
    client.on('data', (bytes) => {
      heard += bytes.length;
    });
    await new Promise((resolve) => client.once('close', resolve));
    expect(heard).toBe(5_000_000);
    expect(wire.toClient().at(-1)).toBeDefined();
  });
});

describe.concurrent('slices', () => {
  it('are segments of no more than was asked, with their gaps', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => void socket.resume());
    const client = await link.dial();
    await wire.until(() => flagged(wire.fromServer(), 'S') !== undefined); // what waits for the server is joined
    const settings = { averageBytes: 100, variationBytes: 50, delayMs: 10, direction: 'upstream', seed: 'seed' };
    await link.add('slicer', settings);
    client.end(Buffer.alloc(2500));
    await wire.until(() => isOver(wire.toServer()));
    const pieces = data(wire.toServer());
    expect(pieces.at(-1)).toMatchObject({ sentBytes: 2500 });
    expect(Math.max(...pieces.map(({ bytes }) => bytes))).toBeLessThanOrEqual(150);
    expect(Math.min(...pieces.slice(0, -1).map(({ bytes }) => bytes))).toBeGreaterThanOrEqual(50);
    for (const [index, piece] of pieces.slice(1).entries())
      expect(ms(piece) - pieces[index]!.atMs).toBeGreaterThanOrEqual(10);
    expect(flagged(wire.toServer(), 'F')).toMatchObject({ sentBytes: 2500 });
  });
});

describe.concurrent('a bandwidth', () => {
  it('is never exceeded, from the first byte on and after a rest', async (context) => {
    const { expect } = context;
    const bytesPerSecond = 400_000;
    const half = 80_000;
    let heard = 0;
    const halves = [promised<undefined>(), promised<undefined>()];
    const { wire, ...link } = await listenedTo(context, (socket) => {
      socket.on('data', (bytes) => {
        heard += bytes.length;
        if (heard >= half) halves[0]!.resolve(undefined);
        if (heard >= 2 * half) halves[1]!.resolve(undefined);
      });
    });
    const client = await link.dial();
    await link.add('bandwidth', { bytesPerSecond, per: 'link', direction: 'upstream' });
    client.write(Buffer.alloc(half));
    await halves[0]!.promise;
    await new Promise((resolve) => setTimeout(resolve, 150)); // time that must not be saved up
    client.write(Buffer.alloc(half));
    await halves[1]!.promise;
    await wire.until(() => data(wire.toServer()).at(-1)?.sentBytes === 2 * half);
    for (const from of [0, half]) {
      const beganMs = data(wire.fromClient()).find(({ sentBytes }) => sentBytes > from)!.atMs;
      const pieces = data(wire.toServer()).filter(({ sentBytes }) => sentBytes > from && sentBytes <= from + half);
      expect(pieces.length).toBeGreaterThan(10);
      for (const piece of pieces)
        expect(ms(piece) - beganMs).toBeGreaterThanOrEqual((piece.sentBytes - from) / (bytesPerSecond / 1000));
    }
  });
});

describe.concurrent('a timeout', () => {
  it('is silence and then a FIN on both sides', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => void socket.resume());
    const client = await link.dial();
    client.write('heard');
    await wire.until(() => data(wire.toServer()).length === 1);
    const addedMs = Date.now();
    await link.add('timeout', { timeoutMs: 300, direction: 'upstream' });
    const flow = setInterval(() => client.write('unheard'), 10);
    context.onTestFinished(() => clearInterval(flow));
    await wire.until(() => isOver(wire.toClient()) && isOver(wire.toServer()));
    clearInterval(flow);
    expect(flagged(wire.toServer(), 'F')).toMatchObject({ sentBytes: 5 });
    expect(data(wire.toServer())).toHaveLength(1);
    for (const packets of [wire.toServer(), wire.toClient()]) {
      expect(isOver([packets.find(({ flags }) => /[FR]/.test(flags))!])).toBe(true);
      expect(packets.find(({ flags }) => /[FR]/.test(flags))!.flags).toContain('F');
      expect(ms(flagged(packets, 'F')) - addedMs).toBeGreaterThanOrEqual(300);
    }
  });
});

describe.concurrent('a slow accept', () => {
  it('is a handshake at once and bytes that come later, both ways', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => {
      socket.write('hello');
      socket.resume();
    });
    await link.add('slow-accept', { delayMs: 250, share: 1, seed: 'seed' });
    const client = await link.dial();
    client.write('question');
    await wire.until(() => data(wire.toClient()).length > 0 && data(wire.toServer()).length > 0);
    const syn = flagged(wire.fromClient(), 'S')!;
    for (const [first] of [data(wire.toClient()), data(wire.toServer())])
      expect(ms(first) - syn.atMs).toBeGreaterThanOrEqual(250);
    expect(flagged(wire.toClient(), 'S')!.atMs).toBeLessThan(data(wire.fromClient())[0]!.atMs);
  });
});

describe.concurrent('loss', () => {
  it('stalls by time-outs that double, and by a round trip where enough follows, as the seed draws', async (context) => {
    const { expect } = context;
    const { wire, ...link } = await listenedTo(context, (socket) => void socket.resume());
    const client = await link.dial();
    const about = { rate: 0.2, roundTripMs: 30, seed: 'line-489' };
    await link.add('loss', { ...about, direction: 'upstream' });
    const draw = chance(`${about.seed}/1/upstream`);
    const all = { segments: 0, lost: 0 };
    let sentBytes = 0;
    for (const [segments, window, stallMs] of [
      [1, 10, 0],
      [9, 10, 30],
      [1, 5, 200],
      [1, 1, 600], // lost twice
    ] as const) {
      const flight = fly(segments, { ...about, draw, waiting: segments, window });
      expect(flight.stallMs).toBe(stallMs);
      all.segments += segments;
      all.lost += flight.lost;
      client.write(Buffer.alloc(segments * segmentBytes));
      sentBytes += segments * segmentBytes;
      await wire.until(() => data(wire.toServer()).at(-1)?.sentBytes === sentBytes);
      const went = data(wire.toServer()).at(-1)!;
      expect(ms(went) - arrivalOf(went, wire.fromClient())).toBeGreaterThanOrEqual(stallMs);
    }
    expect(await link.remove('loss')).toMatchObject({ ...all, stalls: 3 });
  });
});
