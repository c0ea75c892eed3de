import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** Where a program lies, found as the kernel and `PATH` would. @returns `undefined` when there is none that may be run */
export function findProgram(name: string, { cwd = '.', path = process.env.PATH ?? '' } = {}): string | undefined {
  const places = name.includes('/')
    ? [isAbsolute(name) ? name : resolve(cwd, name)]
    : path.split(delimiter).map((folder) => join(folder === '' ? '.' : folder, name));
  return places.find(mayBeRun);
}

function mayBeRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
