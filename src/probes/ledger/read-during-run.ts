import type { Duration } from '../../model/duration.ts';
import type { Entries } from './entries.ts';
import type { ReadBack } from './read-back.ts';

/**
 * Reads again and again while the run goes on, and remembers what was missed. A reading that is not answered says
 * nothing; the next is due when its time has come and the one before is over.
 * @returns `end`, which tells how many were answered
 */
export function readDuringRun(
  readBack: ReadBack,
  entries: Entries,
  { every, now }: { every: Duration; now(): number },
): { end(): Promise<number> } {
  const ended = new AbortController();
  let answered = 0;
  let isReading = false;
  const timer = setInterval(() => {
    if (!isReading) last = read();
  }, every);
  let last = Promise.resolve();

  async function read(): Promise<void> {
    isReading = true;
    const begunMs = now();
    try {
      entries.readDuringRun(await readBack.ids(ended.signal), begunMs);
      answered += 1;
    } catch {
      // The system did not answer, or it is over: nothing was seen.
    }
    isReading = false;
  }

  return {
    async end() {
      clearInterval(timer);
      ended.abort();
      await last;
      return answered;
    },
  };
}
