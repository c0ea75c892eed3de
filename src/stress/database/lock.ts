import type { StressWork } from '../../model/stress-work.ts';
import type { Report } from '../report.ts';
import { serverOf } from './server.ts';

const waitMs = 10_000;
const lookEveryMs = 50;

/**
 * Holds a lock on a table, and looks from a second session who waits for it.
 * @returns once the lock is held
 */
export async function holdLock(
  { server: kind, url, table, mode }: Extract<StressWork, { kind: 'database-lock' }>,
  deadlineMs: number | undefined,
): Promise<Report> {
  const server = await serverOf(kind);
  const lock = await server.lock(table, { url, mode, waitMs, deadlineMs });
  const waited = new Set<number>();
  let mostAtOnce = 0;
  const look = async (): Promise<void> => {
    const waiting = await lock.waiting();
    for (const one of waiting) waited.add(one);
    mostAtOnce = Math.max(mostAtOnce, waiting.length);
  };
  const watch = () => void look().then(() => setTimeout(watch, lookEveryMs), say);
  watch();
  return async () => {
    await look();
    return { held: (await lock.isHeld()) ? 1 : 0, sessionsThatWaited: waited.size, mostAtOnce };
  };
}

function say({ message }: Error): void {
  process.stderr.write(`${message}\n`);
}
