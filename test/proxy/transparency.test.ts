import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { protocolNames } from '../../src/model/protocol.ts';
import { delayOf, dial, fate, portOf, promised, type Rig, read, serve, startRig } from './support/rig.ts';
import { certificate } from './support/server.ts';

let rig: Rig;
let links = 0;
const nextLink = () => {
  links += 1;
  return `link-${links}`;
};

beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const echo = (socket: Socket) => void socket.pipe(socket);

test('every byte arrives once and in order while delays come and go under traffic', async () => {
  const server = await serve(echo);
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 20_000 }).map((bytes) => Buffer.from(bytes));
  const change = fc.record({
    latencyMs: fc.integer({ min: 0, max: 8 }),
    jitterMs: fc.integer({ min: 0, max: 8 }),
    direction: fc.constantFrom('upstream', 'downstream', 'both'),
    share: fc.constantFrom(1, 0.5),
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: chunk.map((bytes) => ({ do: 'send' as const, bytes })) },
    { weight: 2, arbitrary: change.map((settings) => ({ do: 'add' as const, settings })) },
    { weight: 1, arbitrary: fc.constant({ do: 'remove' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'await' as const }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 40 }),
      // A link with HTTP/2 ends it on both sides, and one with UDP carries datagrams: neither carries anything else.
      fc.constantFrom(...protocolNames.filter((name) => name !== 'http2' && name !== 'udp')),
      async (steps, protocol) => {
        const name = nextLink();
        const client = await dial(await rig.link(name, server.port, protocol));
        const sent: Buffer[] = [];
        const received: Buffer[] = [];
        client.on('data', (bytes) => received.push(bytes));
        const inForce: string[] = [];
        for (const [index, one] of steps.entries()) {
          if (one.do === 'send') {
            sent.push(one.bytes);
            client.write(one.bytes);
          } else if (one.do === 'add') {
            inForce.push(`fault-${index}`);
            await rig.control.add(name, delayOf(`fault-${index}`, 0, one.settings));
          } else if (one.do === 'remove') {
            const id = inForce.shift();
            if (id) await rig.control.remove(name, id);
          } else {
            await new Promise(setImmediate);
          }
        }
        client.end();
        await once(client, 'end');
        expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
        client.destroy();
      },
    ),
    { numRuns: 60 },
  );
  await server.close();
});

test('a client that has said all it has to say still gets its whole answer', async () => {
  const server = await serve(async (socket) => {
    socket.resume();
    await once(socket, 'end');
    socket.end(Buffer.alloc(3_000_000, 'x'));
  });
  const client = await dial(await rig.link(nextLink(), server.port));
  client.end('question');
  const answer = await read(client, 3_000_000);
  expect(answer.equals(Buffer.alloc(3_000_000, 'x'))).toBe(true);
  expect(await fate(client)).toBe('ended');
  await server.close();
});

test('a server that has said all it has to say still hears its client', async () => {
  const heard = promised<string>();
  const server = await serve((socket) => {
    socket.end('greeting');
    socket.once('data', (bytes) => heard.resolve(String(bytes)));
  });
  const client = await dial(await rig.link(nextLink(), server.port));
  client.resume();
  await once(client, 'end');
  client.write('still here');
  expect(await heard.promise).toBe('still here');
  client.destroy();
  await server.close();
});

test('a reset of the server reaches the client as a reset, and the other way round', async () => {
  const arrived = promised<Socket>();
  const server = await serve((socket) => {
    socket.on('data', (bytes) => {
      if (String(bytes) === 'die') socket.resetAndDestroy();
      else arrived.resolve(socket);
    });
  });
  const port = await rig.link(nextLink(), server.port);

  const first = await dial(port);
  first.write('die');
  expect(await fate(first)).toBe('reset');

  const second = await dial(port);
  second.write('hello');
  const seenByServer = await arrived.promise;
  second.resetAndDestroy();
  expect(await fate(seenByServer)).toBe('reset');
  await server.close();
});

test('a reset that comes together with bytes is not taken for an end', async () => {
  const server = await serve((socket) => {
    socket.once('data', () => {
      socket.write('last words');
      socket.resetAndDestroy();
    });
  });
  const port = await rig.link(nextLink(), server.port);
  for (let round = 0; round < 100; round += 1) {
    const client = await dial(port);
    client.write('die');
    expect(await fate(client)).toBe('reset');
  }
  await server.close();
});

test('a reset that comes when the server has just accepted reaches it as a reset', async () => {
  const arrivals: ((socket: Socket) => void)[] = [];
  const server = await serve((socket) => arrivals.shift()!(socket));
  const port = await rig.link(nextLink(), server.port);
  for (let round = 0; round < 100; round += 1) {
    const arrived = promised<Socket>();
    arrivals.push(arrived.resolve);
    const client = await dial(port);
    const seenByServer = await arrived.promise;
    client.resetAndDestroy();
    expect(await fate(seenByServer)).toBe('reset');
  }
  await server.close();
});

test('when the server is down its client is reset at once, and clients of other links notice nothing', async () => {
  const server = await serve(echo);
  const healthy = await dial(await rig.link(nextLink(), server.port));
  const gone = await serve(echo);
  await gone.close();
  // The reset may come before the connection was seen to be made.
  const client = connect(await rig.link(nextLink(), gone.port), '127.0.0.1');
  expect(await fate(client)).toBe('reset');
  healthy.write('ping');
  expect(String(await read(healthy, 4))).toBe('ping');
  healthy.destroy();
  await server.close();
});

test('a client that does not read makes the server wait instead of filling the memory of the proxy', async () => {
  const total = 200 * 1024 * 1024;
  let written = 0;
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  const full = promised<undefined>();
  const server = await serve((socket) => {
    const pump = () => {
      while (written < total) {
        written += chunk.length;
        if (!socket.write(chunk)) {
          // When nothing drains for a while there is nowhere left to put it.
          const timer = setTimeout(() => full.resolve(undefined), 500);
          socket.once('drain', () => {
            clearTimeout(timer);
            pump();
          });
          return;
        }
      }
      socket.end();
      full.resolve(undefined);
    };
    pump();
  });
  const name = nextLink();
  const client = await dial(await rig.link(name, server.port));
  client.pause();
  const before = memoryOf(rig.child.pid!);
  await rig.control.add(name, delayOf('long', 60_000));
  await full.promise;
  expect(written).toBeLessThan(total / 2);
  // What a direction may hold is 16 MiB; what it was read into is not given back at once.
  expect(memoryOf(rig.child.pid!) - before).toBeLessThan(64 * 1024 * 1024);
  await rig.control.remove(name, 'long');
  expect((await read(client, total)).length).toBe(total);
  client.destroy();
  await server.close();
});

/** @returns how many bytes of a process are in memory */
const memoryOf = (pid: number): number =>
  1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);

test('IPv6 addresses are written in brackets', async () => {
  const server = await serve(echo, '::1');
  const bound = await rig.control.listen({
    proxy: nextLink(),
    listen: '[::1]:0',
    upstream: `[::1]:${server.port}`,
    protocol: 'tcp',
  });
  expect(bound).toMatch(/^\[::1\]:[0-9]+$/);
  const client = await dial(portOf(bound), '::1');
  client.write('ping');
  expect(String(await read(client, 4))).toBe('ping');
  client.destroy();
  await server.close();
});

test('a client that leaves while its server is still being dialled is let go', async () => {
  const arrived = promised<string>();
  const server = await serve((socket) => fate(socket).then(arrived.resolve));
  const client = await dial(await rig.link(nextLink(), server.port));
  client.end('bye');
  expect(await arrived.promise).toBe('ended');
  client.destroy();
  await server.close();
});

test('TLS passes as it is: the client sees the certificate of the server', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-tls-'));
  const { key, cert } = certificate(folder);
  const server = createTlsServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (socket) => void socket.pipe(socket),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = await rig.link('tls', (server.address() as AddressInfo).port);
  await rig.control.add('tls', delayOf('late', 20));
  const client = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(client, 'secureConnect');
  expect(client.getPeerX509Certificate()!.fingerprint256).toBe(new X509Certificate(readFileSync(cert)).fingerprint256);
  const sent = Buffer.alloc(500_000, 'x');
  client.write(sent);
  expect((await read(client, sent.length)).equals(sent)).toBe(true);
  client.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});
