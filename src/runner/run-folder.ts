import { existsSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../host/make-folder.ts';
import { UserError } from '../model/diagnostic.ts';

/** Where a run is written down. */
export interface RunFolder {
  path: string;
  events: string;
  /** What each target printed. */
  logs: string;
}

const ours = ['events.ndjson', 'report.json', 'junit.xml', 'logs'];

/**
 * Makes the run's folder. One that holds an earlier run is used again, as CI does with a fixed `--output`.
 * @throws UserError when the path is not a folder, or cannot be written
 */
export function makeRunFolder(path: string): RunFolder {
  try {
    if (existsSync(path) && !lstatSync(path).isDirectory()) throw new Error('it is not a folder');
    makeFolder(path);
    for (const name of ours) rmSync(join(path, name), { recursive: true, force: true });
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
