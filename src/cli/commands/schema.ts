import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes } from '../../model/exit-code.ts';
import { packageRoot } from '../entries.ts';
import type { Io } from '../io.ts';

/** Prints a JSON Schema that we publish, or where its file lies. */
export async function schema(options: { kind: string; path: boolean }, io: Io): Promise<number> {
  const path = join(packageRoot(), 'schema', `${options.kind}.schema.json`);
  io.stdout.write(options.path ? `${path}\n` : await readFile(path, 'utf8'));
  return exitCodes.passed;
}
