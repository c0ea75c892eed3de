import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProtocolName } from '../../../src/model/protocol.ts';
import type { ProxyControl } from '../../../src/proxy/client.ts';
import { type StartedProxy, startProxy } from '../../../src/proxy/start.ts';

export const proxyEntry = join(import.meta.dirname, '..', '..', '..', 'dist', 'proxy.cjs');

/** A running proxy with a directory of its own. */
export interface Rig extends StartedProxy {
  control: ProxyControl;
  socketPath: string;
  directory: string;
  /** Opens a link to a port on this machine. @returns its own port */
  link(name: string, upstreamPort: number, protocol?: ProtocolName): Promise<number>;
  stop(): Promise<void>;
}

export async function startRig(): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), 'chaos-proxy-'));
  const socketPath = join(directory, 'control');
  const started = await startProxy({ entry: proxyEntry, socketPath, env: process.env });
  return {
    ...started,
    socketPath,
    directory,
    async link(name, upstreamPort, protocol = 'tcp') {
      const upstream = `127.0.0.1:${upstreamPort}`;
      return portOf(await started.control.listen({ proxy: name, listen: '127.0.0.1:0', upstream, protocol }));
    },
    async stop() {
      started.control.close();
      await ended(started);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function ended({ child }: StartedProxy): Promise<number | null> {
  const isOver = child.exitCode !== null || child.signalCode !== null;
  const exit = isOver ? undefined : once(child, 'exit');
  child.stdin?.end();
  await exit;
  return child.exitCode;
}

export const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

/** A server that treats each connection as told. */
export async function serve(
  onConnection: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<{ port: number; sockets: Set<Socket>; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A connection that is made. Errors are the test's to look for: they do not throw. */
export async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Reads exactly so many bytes. @throws when the stream ends before */
export function read(socket: Socket, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let missing = bytes;
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      for (const event of ['readable', 'end', 'close']) socket.off(event, look);
      finish();
    };
    const look = () => {
      while (missing > 0 && socket.readableLength > 0) {
        const part: Buffer = socket.read(Math.min(missing, socket.readableLength));
        parts.push(part);
        missing -= part.length;
      }
      if (missing === 0) settle(() => resolve(Buffer.concat(parts)));
      else if (socket.readableEnded || socket.destroyed)
        settle(() => reject(new Error(`the stream ended ${missing} bytes early`)));
    };
    for (const event of ['readable', 'end', 'close']) socket.on(event, look);
    look();
  });
}

/** How a connection ends, or has ended: by FIN, or by RST. */
export function fate(socket: Socket): Promise<'ended' | 'reset'> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve(socket.errored ? 'reset' : 'ended');
    socket.once('error', () => resolve('reset'));
    socket.once('close', () => resolve('ended'));
    // A reset that comes together with bytes looks like an end, until something is written.
    const onEnd = () => {
      if (socket.writable) socket.write('', (error) => resolve(error ? 'reset' : 'ended'));
      else resolve('ended');
    };
    if (socket.readableEnded) onEnd();
    else socket.once('end', onEnd);
    socket.resume();
  });
}

/** How much memory the proxy has. */
export const residentBytes = ({ child }: Rig): number =>
  1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]);

/** Settings of a delay, all given. */
export const delayOf = (id: string, latencyMs: number, more: Record<string, string | number> = {}) => ({
  id,
  kind: 'delay',
  settings: { latencyMs, jitterMs: 0, distribution: 'uniform', share: 1, direction: 'downstream', seed: id, ...more },
});

/** A promise and the function that fulfils it. */
export function promised<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
