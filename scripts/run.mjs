// Runs a TypeScript file of this project: `node scripts/run.mjs scripts/generate.ts [ARG…]`. Node 20 cannot strip types itself.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const [file, ...rest] = process.argv.slice(2);
const outfile = join(root, 'node_modules', '.cache', 'chaos-scripts', `${file.replaceAll(/[^a-z0-9]/gi, '-')}.mjs`);
mkdirSync(join(outfile, '..'), { recursive: true });
await build({
  entryPoints: [resolve(file)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
  sourcemap: 'inline',
});
process.argv = [process.argv[0], outfile, ...rest];
await import(pathToFileURL(outfile).href);
