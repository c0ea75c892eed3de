import { setTimeout as delay } from 'node:timers/promises';

/** Waits until it is so, at most 20 s. What cannot be looked at is not so yet. */
export async function becomes(isSo: () => boolean): Promise<void> {
  for (let left = 4000; left > 0; left -= 1) {
    try {
      if (isSo()) return;
    } catch {
      // not there yet
    }
    await delay(5);
  }
  throw new Error('it did not become so');
}
