import type { Effect, ProcessState, Sight } from '../model/fault.ts';
import { inWords } from './in-words.ts';
import { observationLimitMs } from './observation-limit.ts';

/**
 * Waits until every process that an injection was aimed at is gone.
 * @param done what was done to them, for the summary: `killed by SIGKILL`
 */
export async function endSeen(sight: Sight, done: string): Promise<Effect> {
  const aimedAt = await sight.processes();
  const pids = aimedAt.map(({ pid }) => pid);
  if (aimedAt.length === 0)
    return { seen: 'unseen', summary: 'there was no process to harm', figures: { killed: 0, pids } };

  const isOver = await sight.until(observationLimitMs, async () => (await alive(sight)).length === 0 || undefined);
  if (isOver) return { seen: 'seen', summary: `${inWords(aimedAt)} ${done}`, figures: { killed: pids.length, pids } };

  const left = await alive(sight);
  return {
    seen: 'unseen',
    summary: `${inWords(left)} still there after ${observationLimitMs / 1000} s`,
    figures: { killed: aimedAt.length - left.length, pids, left: left.map(({ pid }) => pid) },
  };
}

const alive = async (sight: Sight): Promise<ProcessState[]> =>
  (await sight.processes()).filter(({ state }) => state !== 'gone');
