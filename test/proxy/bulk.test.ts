import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProxyFault } from '../../src/model/operation.ts';
import { onAccepted } from '../../src/proxy/links/accept.ts';
import { delayOf, dial, type Rig, read, serve, startRig } from './support/rig.ts';

/** Enough for reads to grow to their largest, and for every socket buffer on the way to be full. */
const payload = randomBytes(48 * 1024 * 1024);
const digest = createHash('sha256').update(payload).digest('hex');

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

/** Reads to the end, and stops for a moment now and then, so that the proxy has to wait in the middle of its writes. */
async function digestOf(socket: Socket, restMs: number): Promise<string> {
  const hash = createHash('sha256');
  let unrested = 0;
  socket.on('data', (bytes: Buffer) => {
    hash.update(bytes);
    unrested += bytes.length;
    if (restMs === 0 || unrested < 3_000_000) return;
    unrested = 0;
    socket.pause();
    setTimeout(() => socket.resume(), restMs);
  });
  await once(socket, 'end');
  return hash.digest('hex');
}

describe.concurrent('a large transfer', () => {
  it.for([
    { who: 'a reader that keeps up', restMs: 0 },
    { who: 'a reader that rests', restMs: 20 },
  ])('comes whole to $who, from the server', async ({ restMs }, { expect }) => {
    const server = await serve((socket) => socket.end(payload));
    const client = await dial(await rig.link(`down-${restMs}`, server.port));
    expect(await digestOf(client, restMs)).toBe(digest);
    client.destroy();
    await server.close();
  });

  it.for([
    { who: 'a reader that keeps up', restMs: 0 },
    { who: 'a reader that rests', restMs: 20 },
  ])('comes whole to $who, to the server, which then answers', async ({ restMs }, { expect }) => {
    const server = await serve(async (socket) => socket.end(await digestOf(socket, restMs)));
    const client = await dial(await rig.link(`up-${restMs}`, server.port));
    client.end(payload);
    expect(String(await read(client, digest.length))).toBe(digest);
    client.destroy();
    await server.close();
  });

  it('comes whole while faults come and go in the middle of reads and writes', async ({ expect }) => {
    const server = await serve((socket) => void socket.pipe(socket));
    const client = await dial(await rig.link('changing', server.port));
    let isOver = false;
    const change = async () => {
      const faults: ((id: string) => ProxyFault)[] = [
        (id) => delayOf(id, 5, { direction: 'both' }),
        (id) => ({ id, kind: 'blackhole', settings: { direction: 'both' } }),
        (id) => ({ id, kind: 'bandwidth', settings: { bytesPerSecond: 400_000_000, per: 'link', direction: 'both' } }),
      ];
      for (let round = 0; !isOver; round += 1) {
        const fault = faults[round % faults.length]!(`fault-${round}`);
        await rig.control.add('changing', fault);
        await new Promise((resolve) => setTimeout(resolve, 7));
        await rig.control.remove('changing', fault.id);
        await new Promise((resolve) => setTimeout(resolve, 7));
      }
    };
    const changing = change();
    client.end(payload);
    expect(await digestOf(client, 5)).toBe(digest);
    isOver = true;
    await changing;
    client.destroy();
    await server.close();
  });
});

it('sockets that cannot be read into memory of ours are read all the same', async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hash = createHash('sha256');
  const memory = Buffer.alloc(10_000);
  const withoutHandle = { on: server.on.bind(server) } as unknown as Server;
  onAccepted(withoutHandle, (accepted) => {
    const socket = accepted({
      buffer: memory,
      callback: (count) => {
        hash.update(memory.subarray(0, count));
        return true;
      },
    });
    socket.on('end', () => socket.end());
  });
  const client = await dial((server.address() as { port: number }).port);
  client.resume().end(payload);
  await once(client, 'end');
  expect(hash.digest('hex')).toBe(digest);
  client.destroy();
  server.close();
});
