import { fstatSync, writeSync } from 'node:fs';
import { masked } from '../host/secrets.ts';
import type { Output } from '../model/output.ts';

const waitMs = 5;

/**
 * Standard output (1) or standard error (2). Node's own stream is loaded for terminals only: for a file or a pipe it
 * does what a plain write does, and it costs every start a sixth of Node's own.
 */
export function outputTo(descriptor: 1 | 2): Output {
  if (isFileOrPipe(descriptor)) return { write: (text) => writeWhole(descriptor, Buffer.from(masked(text))) };
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  // A terminal that is closed stops nothing either: the run is undone in order.
  if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
  return {
    write: (text) => stream.write(masked(text)),
    isTTY: stream.isTTY,
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
    get writableNeedDrain() {
      return stream.writableNeedDrain;
    },
  };
}

function isFileOrPipe(descriptor: number): boolean {
  try {
    const found = fstatSync(descriptor);
    return found.isFile() || found.isFIFO();
  } catch {
    return false;
  }
}

/** Returns when the last byte is written, or nobody reads any more: `chaos … | head` changes nothing of what a command does. */
function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      // A pipe that another process made non-blocking, and whose reader is behind.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
    }
  }
}
