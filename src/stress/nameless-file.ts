import { randomBytes } from 'node:crypto';
import { constants, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Linux; Node does not name it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/**
 * Opens a file that has no name: when this process is gone, however it goes, so is the file. Where the file system
 * knows no such files it has a name for a moment.
 * @returns its descriptor
 */
export function openNameless(directory: string): number {
  try {
    return openSync(directory, constants.O_RDWR | O_TMPFILE, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EOPNOTSUPP' && code !== 'EISDIR' && code !== 'ENOENT') throw error;
    const file = join(directory, `.chaos-${randomBytes(8).toString('hex')}`);
    const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    unlinkSync(file);
    return descriptor;
  }
}
