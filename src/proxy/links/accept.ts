import { type OnReadOpts, type Server, Socket } from 'node:net';

/** Makes the accepted connection a socket that is read as told, which is the only way it tells what comes. */
export type Accepted = (onread: OnReadOpts) => Socket;

/**
 * Tells of each connection that the listening server accepts. Node has `onread` for sockets that it connects, not for those
 * that it accepts, so this makes them of what its server is given, as its server does. Nothing of that is promised: where
 * it cannot be had, the sockets are the server's own, and what they read is copied.
 */
export function onAccepted(server: Server, accept: (accepted: Accepted) => void): void {
  server.on('connection', (socket) => accept((onread) => readByCopy(socket, onread)));
  const { _handle: listening } = server as unknown as { _handle?: Partial<ListeningHandle> | null };
  const own = listening?.onconnection;
  if (typeof own !== 'function' || process.platform === 'win32') return; // there, reads are not synchronous
  listening!.onconnection = function (status, handle) {
    if (status !== 0 || typeof handle !== 'object') own.call(this, status, handle);
    else accept((onread) => socketOf(handle, onread));
  };
}

interface ListeningHandle {
  onconnection(this: unknown, status: number, handle: unknown): void;
}

function socketOf(handle: unknown, onread: OnReadOpts): Socket {
  const options = { handle, onread, allowHalfOpen: true };
  return new Socket(options as ConstructorParameters<typeof Socket>[0]).setNoDelay(true);
}

function readByCopy(socket: Socket, { buffer, callback }: OnReadOpts): Socket {
  return socket.on('data', (bytes: Buffer) => {
    for (let from = 0; from < bytes.length; ) {
      const memory = typeof buffer === 'function' ? buffer() : buffer;
      const count = Math.min(memory.length, bytes.length - from);
      memory.set(bytes.subarray(from, from + count));
      callback(count, memory);
      from += count;
    }
  });
}
