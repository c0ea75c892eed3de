import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Reads into one buffer again and again: a client that allocates would be what limits. */
export async function dial(port: number, bufferBytes: number, onBytes: (bytes: Uint8Array) => void): Promise<Socket> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafeSlow(bufferBytes),
      callback: (count, buffer) => {
        onBytes(buffer.subarray(0, count));
        return true;
      },
    },
  });
  await once(socket, 'connect');
  return socket.on('error', (error) => {
    throw error;
  });
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
