import type { Effect, Sight } from '../model/fault.ts';
import { inWords } from './in-words.ts';
import { observationLimitMs } from './observation-limit.ts';

/** Right after the load was put on: what it does shows in the end. */
export async function stressBegun(sight: Sight, doing: string): Promise<Effect> {
  const alive = (await sight.processes()).filter(({ state }) => state !== 'gone');
  if (alive.length === 0) return { seen: 'unseen', summary: 'it ended at once', figures: {} };
  return { seen: 'pending', summary: `${inWords(alive)} ${doing}`, figures: {} };
}

/** After the undo. What the process took the kernel gives back with its end. */
export async function stressEnded(sight: Sight): Promise<string | undefined> {
  const alive = async () => (await sight.processes()).filter(({ state }) => state !== 'gone');
  await sight.until(observationLimitMs, async () => (await alive()).length === 0 || undefined);
  const left = await alive();
  return left.length > 0 ? `${inWords(left)} still there` : undefined;
}
