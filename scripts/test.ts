/*
 * The tests, and as the very last line their totals: `N passed, N failed, N skipped`. A file that could not be read as
 * tests, or a vitest that did not get that far, counts as one failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Results {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const folder = mkdtempSync(join(tmpdir(), 'chaos-test-'));
const file = join(folder, 'results.json');
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
const totals = count(results());
rmSync(folder, { recursive: true });
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = status || (totals.failed > 0 ? 1 : 0);

function results(): Results {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { testResults: [{ status: 'failed', assertionResults: [] }] };
  }
}

function count({ testResults }: Results): { passed: number; failed: number; skipped: number } {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of testResults) {
    if (assertionResults.length === 0 && status === 'failed') totals.failed += 1;
    for (const { status } of assertionResults)
      if (status === 'passed' || status === 'failed') totals[status] += 1;
      else totals.skipped += 1;
  }
  return totals;
}
