import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inNetworkOf } from '../../src/host/isolation.ts';
import { administratorsPath } from '../../src/host/namespace.ts';
import { identify } from '../../src/host/processes.ts';
import { packageRoot } from '../support/chaos.ts';
import { needs } from '../support/needs.ts';

/*
 * A relay, a program in its namespace, and a server outside:
 *
 *   test ─▶ 127.0.0.1:published ─▶ program that carries on ─▶ 10.1.2.3:80 ─▶ server of the test
 */

let server: Server;
let relay: ChildProcess;
let holder: number;
let program: ChildProcess | undefined;
let published: number;
/** What a client of the program meets at the server. */
let serve: (socket: Socket) => void;

const carryOn = `
  const { connect, createServer } = require('node:net');
  const pass = (one, other) => one.on('error', () => other.resetAndDestroy()).pipe(other);
  createServer({ allowHalfOpen: true }, (socket) => {
    const onward = connect({ host: '10.1.2.3', port: 80, allowHalfOpen: true });
    pass(socket, onward);
    pass(onward, socket);
  }).listen(Number(process.argv[1]), process.argv[2]);`;

beforeEach(async (context) => {
  needs(context as never, 'namespaces of who is not root', 'ip');
  server = createServer({ allowHalfOpen: true }, (socket) => serve(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  published = (probe.address() as AddressInfo).port;
  probe.close();
  const via = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { publish: [published], reach: [{ address: '10.1.2.3', port: 80, via }] };
  relay = spawn(process.execPath, [join(packageRoot, 'dist', 'relay.cjs'), 'outside', JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: administratorsPath() },
  });
  holder = Number(String((await once(relay.stdout!, 'data'))[0]));
});
afterEach(async () => {
  if (relay.exitCode === null) {
    const exit = once(relay, 'exit');
    relay.kill();
    await exit;
  }
  while (identify(holder)) await delay(10);
  program?.kill('SIGKILL');
  server.close();
});

/** Starts the program in the namespace, and waits until it is reached. @param host where it listens */
async function start(host = '127.0.0.1'): Promise<void> {
  const [file, ...words] = [
    ...inNetworkOf(identify(holder)!),
    process.execPath,
    '-e',
    carryOn,
    String(published),
    host,
  ];
  program = spawn(file!, words, { stdio: 'ignore' });
  while (!(await isOpen())) await delay(10);
}

const isOpen = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(published, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

const client = (): Socket => connect({ host: '127.0.0.1', port: published, allowHalfOpen: true });

/** Everything that comes until its end; what is said back may come later. */
const heard = (socket: Socket): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    socket
      .on('data', (piece) => pieces.push(piece))
      .on('end', () => resolve(Buffer.concat(pieces)))
      .on('error', reject);
  });

describe('a relay', () => {
  it('passes what is said in both directions, byte for byte, and the end of each by itself', async () => {
    serve = (socket) => {
      // It answers only when it has heard everything.
      void heard(socket).then((all) => socket.end(createHash('sha256').update(all).digest('hex')));
    };
    await start();
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const said = randomBytes(500_000);
        const socket = client();
        socket.end(said);
        expect(String(await heard(socket))).toBe(createHash('sha256').update(said).digest('hex'));
      }),
    );
  });

  it('loses nobody of many who come at once', async () => {
    serve = (socket) => socket.pipe(socket);
    await start();
    const echoes = await Promise.all(
      Array.from({ length: 300 }, async (_, number) => {
        const socket = client();
        socket.end(`${number}`);
        return Number(await heard(socket));
      }),
    );
    expect(echoes).toEqual(Array.from({ length: 300 }, (_, number) => number));
  });

  it('passes a reset from the server to the client, and from the client to the server', async () => {
    serve = (socket) => socket.once('data', () => socket.resetAndDestroy());
    await start();
    const toClient = client();
    toClient.write('x');
    expect(((await once(toClient, 'close').catch((error) => error)) as NodeJS.ErrnoException).code).toBe('ECONNRESET');

    const met = new Promise<NodeJS.ErrnoException>((resolve) => {
      serve = (socket) => socket.on('error', resolve).resume();
    });
    const toServer = client();
    toServer.write('x');
    await once(toServer, 'connect');
    await delay(50);
    toServer.resetAndDestroy();
    expect((await met).code).toBe('ECONNRESET');
  });

  it('is open while somebody listens inside, be it on IPv6 alone', async () => {
    serve = (socket) => socket.pipe(socket);
    expect(await isOpen()).toBe(false);
    await start('::1');
    const socket = client();
    socket.end('x');
    expect(String(await heard(socket))).toBe('x');
    program!.kill('SIGKILL');
    while (await isOpen()) await delay(10);
  });

  it('ends with its half inside, and the namespace with it', async () => {
    process.kill(holder, 'SIGKILL');
    await once(relay, 'exit');
    expect(identify(holder)).toBeUndefined();
  });
});
