import { constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { masked } from '../host/secrets.ts';
import type { Output } from '../model/output.ts';
import { outputTo } from './output.ts';

/** What nobody reads is kept up to so much; the rest of it is not shown. */
const mostWaitingBytes = 4 * 1024 * 1024;

/**
 * Standard error of a run. A reader that falls behind or has stopped (a pager, a hung log collector) must not hold up a
 * run that has faults in force: what it does not take yet waits here, not the run.
 * @returns also what waits, for a reader that is only slow, until it has read everything
 */
export function unhurriedOutput(): { output: Output; flush(withinMs: number): Promise<void> } {
  const stream = streamTo(2);
  if (!stream) return { output: outputTo(2), flush: async () => undefined };
  stream.on('error', () => undefined); // nobody reads any more
  return {
    output: {
      write(text) {
        if (stream.writableLength < mostWaitingBytes) stream.write(masked(text));
      },
    },
    async flush(withinMs) {
      for (const end = performance.now() + withinMs; stream.writableLength > 0 && performance.now() < end; )
        await delay(5);
    },
  };
}

/** @returns `undefined` for files, which always take what is written, and for terminals, whose stream waits by itself */
function streamTo(descriptor: number): Socket | undefined {
  try {
    const found = fstatSync(descriptor);
    if (found.isSocket()) return new Socket({ fd: descriptor, readable: false, writable: true });
    if (!found.isFIFO()) return undefined;
    // Opened anew: that it does not block is then ours alone, and not that of whoever else writes to it.
    const own = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
    return new Socket({ fd: own, readable: false, writable: true });
  } catch {
    return undefined;
  }
}
