import { lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../host/make-folder.ts';
import { UserError } from '../../model/diagnostic.ts';

/**
 * Where undo journals lie, so that any later command finds them: `$XDG_STATE_HOME/chaos/journals`.
 * @throws UserError when it cannot be made, or is not a directory of our own (a link that somebody planted, say)
 * @see XDG Base Directory Specification
 */
export function journalDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment.XDG_STATE_HOME?.startsWith('/')
    ? environment.XDG_STATE_HOME
    : join(homedir(), '.local', 'state');
  const directory = join(state, 'chaos', 'journals');
  try {
    makeFolder(directory, 0o700);
    const found = lstatSync(directory);
    if (!found.isDirectory()) throw new Error('it is not a directory');
    if (process.getuid && found.uid !== process.getuid()) throw new Error('it belongs to another user');
  } catch (error) {
    const message = `undo journals cannot lie here: ${(error as Error).message}`;
    throw new UserError([{ severity: 'error', code: 'state-directory', file: directory, message }]);
  }
  return directory;
}
