import { type OnReadOpts, Socket } from 'node:net';

/**
 * The accepted connection as a socket that is read by `onread`: Node has that option for those that it connects only. Where
 * it cannot be had, the socket is the accepted one, which tells what comes by 'data'.
 * @param accepted by a server with `pauseOnConnect`, so that nothing was read yet
 */
export function readBy(onread: OnReadOpts, accepted: Socket): Socket {
  const holder = accepted as unknown as { _handle?: { readStart?: unknown } | null };
  const handle = holder._handle;
  if (process.platform === 'win32' || typeof handle?.readStart !== 'function') return accepted.resume();
  holder._handle = null;
  accepted.destroy(); // its server counts it no more
  return new Socket({ handle, allowHalfOpen: true, onread } as ConstructorParameters<typeof Socket>[0]);
}
