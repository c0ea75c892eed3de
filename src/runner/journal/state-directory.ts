import { lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where undo journals lie, so that any later command finds them: `$XDG_STATE_HOME/chaos/journals`.
 * @throws when it is not a directory of our own (a link that somebody planted, say)
 * @see XDG Base Directory Specification
 */
export function journalDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment.XDG_STATE_HOME?.startsWith('/')
    ? environment.XDG_STATE_HOME
    : join(homedir(), '.local', 'state');
  const directory = join(state, 'chaos', 'journals');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (!found.isDirectory()) throw new Error(`${directory} is not a directory`);
  if (process.getuid && found.uid !== process.getuid()) throw new Error(`${directory} belongs to another user`);
  return directory;
}
