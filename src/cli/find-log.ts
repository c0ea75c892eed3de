import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../model/diagnostic.ts';

export const runsFolder = join('.chaos', 'runs');
export const logName = 'events.ndjson';

/**
 * The event log of a run.
 * @param run its folder, or its id under `.chaos/runs`
 * @throws UserError when there is none
 */
export async function findLog(run: string): Promise<string> {
  for (const folder of [run, join(runsFolder, run)]) {
    const log = join(folder, logName);
    // A pipe or device of that name would be waited for without end.
    if (await isFile(log)) return log;
  }
  const message = `there is no ${logName} in ${run}, nor in ${join(runsFolder, run)}${await lastRuns()}`;
  throw new UserError([{ severity: 'error', code: 'unknown-run', file: run, message }]);
}

async function lastRuns(): Promise<string> {
  const runs = await readdir(runsFolder).catch(() => []);
  return runs.length === 0 ? '' : `. The last runs are ${runs.sort().slice(-3).reverse().join(', ')}`;
}

const isFile = async (path: string): Promise<boolean> =>
  await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
