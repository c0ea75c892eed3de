/*
 * Writes the schemas of what we write (report, events, plan) into `schema/`; with `--check` it only says which are
 * stale, and exits with 1 if any is.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelSchemas } from './generate/model-schemas.ts';

const checking = process.argv.includes('--check');
mkdirSync('schema', { recursive: true });
for (const [name, text] of modelSchemas()) {
  const file = join('schema', name);
  if (!checking) writeFileSync(file, text);
  else if (read(file) !== text) {
    console.error(`${file} is stale: node scripts/run.mjs scripts/generate-model-schemas.ts`);
    process.exitCode = 1;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
