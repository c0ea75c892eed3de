/*
 * src/ ──esbuild, split where code is imported lazily──▶ ES modules ──each──▶ dist/code/*.cjs ──run once──▶ *.cjs.cache
 *
 * CommonJS, because V8 takes its code cache only for scripts (`bin/load.cjs`). Split, because a command pays for what it
 * loads. All that we depend on is bundled in.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type OutputFile, transform } from 'esbuild';
import { cacheCode } from './build/cache-code.ts';
import { licencesOf } from './build/licences.ts';
import { noSubprograms } from './build/no-subprograms.ts';

const root = resolve(process.cwd());
const dist = join(root, 'dist');
/** Built beside the old one and put in its place at the end: whoever runs us meanwhile sees a whole build. */
const fresh = `${dist}.${process.pid}`;

/** The command line, and the programs that work beside the runner. */
const entries: Record<string, string> = {
  main: 'src/cli/main.ts',
  guardian: 'src/runner/guardian/main.ts',
  sampler: 'src/sampler/main.ts',
  proxy: 'src/proxy/main.ts',
  relay: 'src/relay/main.ts',
  resolver: 'src/resolver/main.ts',
  stress: 'src/stress/main.ts',
  live: 'src/live/main.ts',
};

/** What the page of the HTML report is made of; it reaches the bundles as text. */
const withinThePage = ['node_modules/uplot'];

generateWhatIsNotCheckedIn();
const { outputFiles, metafile } = await split();
await mkdir(join(fresh, 'code'), { recursive: true });
for (const module of outputFiles) await toCommonJs(module);
for (const name of Object.keys(entries))
  if (name !== 'main') await writeFile(join(fresh, `${name}.cjs`), `require('../bin/load.cjs').load('${name}');\n`);
await writeFile(
  join(fresh, 'third-party-licences.txt'),
  await licencesOf([...Object.keys(metafile.inputs), ...withinThePage]),
);
await replace(dist, fresh);
await cacheCode(root);

/** Validators. Never the schemas and pages that are checked in: a build that renewed them would hide that they are stale. */
function generateWhatIsNotCheckedIn(): void {
  execFileSync(process.execPath, ['scripts/run.mjs', 'scripts/generate.ts', '--build'], { stdio: 'inherit' });
}

async function split() {
  return await build({
    entryPoints: entries,
    outdir: join(fresh, 'code'),
    bundle: true,
    splitting: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // pg uses it where it is installed; here it never is.
    external: ['pg-native'],
    // What is left of a bundle's own place: the loader gives it.
    define: { 'import.meta.dirname': '__dirname' },
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [noSubprograms],
    metafile: true,
  });
}

async function toCommonJs(module: OutputFile): Promise<void> {
  const name = module.path.replace(/\.js$/, '.cjs');
  const { code, map } = await transform(module.text, {
    sourcefile: name,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // `import()` of a bundle becomes `require`, which is the loader's.
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'external',
    sourcesContent: false,
  });
  // The loader reads them byte by byte.
  if (/[^\0-\x7f]/.test(code)) throw new Error(`${name} is not plain ASCII`);
  await writeFile(name, code.replaceAll(/require\("(\.\/[^"]+)\.js"\)/g, 'require("$1.cjs")'));
  await writeFile(`${name}.map`, map);
}

async function replace(old: string, by: string): Promise<void> {
  const aside = `${old}.old.${process.pid}`;
  if (existsSync(old)) await rename(old, aside);
  await rename(by, old);
  await rm(aside, { recursive: true, force: true });
}
