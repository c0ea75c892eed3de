/*
 * `npm run bench`: runs every other file of this folder by itself (or those named: `npm run bench -- startup`), one after
 * the other so that they do not disturb each other, and prints what they measured as one table. Benchmarks state ratios
 * against something else in the same run, and judge nothing: a machine's mood is not a defect.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, parseFindings } from './finding.ts';
import { render } from './table.ts';

const helpers = ['run.ts', 'table.ts', 'finding.ts', 'measure.ts'];
const wanted = process.argv.slice(2);
const files = readdirSync('bench').filter((file) => file.endsWith('.ts') && !helpers.includes(file));
const chosen = files.filter((file) => wanted.length === 0 || wanted.includes(file.replace('.ts', '')));

// A bundle of certificates costs Node 20 some 30 ms at each start, which would flatter every ratio.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
const findings: Finding[] = [];
for (const file of chosen) {
  console.log(`── ${file}`);
  const { stdout, status } = spawnSync(process.execPath, [join('scripts', 'run.mjs'), join('bench', file)], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { text, found } = parseFindings(stdout);
  process.stdout.write(text);
  findings.push(...found);
  if (status !== 0) {
    console.log(`${file} ended with ${status}`);
    process.exitCode = 1;
  }
}
if (findings.length > 0) console.log(`\n${render(findings)}`);
