import { closeSync, existsSync, lstatSync, mkdirSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../host/make-folder.ts';
import { UserError } from '../model/diagnostic.ts';
import { reportFiles } from '../model/report-format.ts';

/** Where a run is written down. */
export interface RunFolder {
  path: string;
  events: string;
  /** What each target printed. */
  logs: string;
}

/** How an event log begins. */
const firstEvent = '{"seq":0,';

const ours = ['events.ndjson', ...Object.values(reportFiles), 'logs'];

/**
 * Makes the run's folder. One that holds an earlier run is used again, as CI does with a fixed `--output`.
 * @throws UserError when the path is not a folder, or cannot be written
 */
export function makeRunFolder(path: string): RunFolder {
  try {
    if (existsSync(path) && !lstatSync(path).isDirectory()) throw new Error('it is not a folder');
    makeFolder(path);
    clear(path);
    const logs = join(path, 'logs');
    mkdirSync(logs);
    return { path, events: join(path, 'events.ndjson'), logs };
  } catch (error) {
    throw new UserError([
      {
        severity: 'error',
        code: 'output',
        file: '--output',
        message: `cannot write the run to ${path}: ${(error as Error).message}`,
      },
    ]);
  }
}

/** Removes what an earlier run wrote, and only that. @throws when what has our names is not ours */
function clear(path: string): void {
  const there = ours.filter((name) => existsSync(join(path, name)));
  if (there.length === 0) return;
  if (!holdsRun(path))
    throw new Error(
      `${there.join(', ')} there ${there.length === 1 ? 'is' : 'are'} not of an earlier run; choose another folder`,
    );
  for (const name of there) rmSync(join(path, name), { recursive: true, force: true });
}

/** Whether the folder's event log begins as ours do. */
function holdsRun(path: string): boolean {
  try {
    const descriptor = openSync(join(path, 'events.ndjson'), 'r');
    try {
      const start = Buffer.alloc(firstEvent.length);
      readSync(descriptor, start, 0, start.length, 0);
      return start.toString('latin1') === firstEvent;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}
