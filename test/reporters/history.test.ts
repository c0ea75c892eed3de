import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import MarkdownIt from 'markdown-it';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainPaint } from '../../src/reporters/console/paint.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { historyOf } from '../../src/reporters/history/history.ts';
import { historyAsMarkdown, historyLines } from '../../src/reporters/history/text.ts';
import { reportAsJson } from '../../src/reporters/json.ts';
import { widthOf } from '../../src/text/width.ts';
import { chaos } from '../support/chaos.ts';
import { hostileTexts } from './support/hostile.ts';
import { shopFails, shopPasses } from './support/shop.ts';

const passes = foldReport(shopPasses().events);
const fails = { ...foldReport(shopFails().events), run: 'r-2', startedAt: '2030-01-01T00:00:00.000Z' };
const other = { ...passes, run: 'r-3', scenario: { ...passes.scenario, name: 'Another' } };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaos-history-'));
  for (const report of [fails, other]) {
    await mkdir(join(folder, report.run));
    await writeFile(join(folder, report.run, 'report.json'), reportAsJson(report));
  }
  // It died: there are only its events, and the last is torn.
  await mkdir(join(folder, 'died'));
  const lines = shopPasses()
    .events.slice(0, -3)
    .map((event) => `${JSON.stringify(event)}\n`);
  await writeFile(join(folder, 'died', 'events.ndjson'), `${lines.join('')}{"type":`);
  await mkdir(join(folder, 'notes'));
  await writeFile(join(folder, 'notes', 'report.json'), '{}');
});
afterAll(() => rm(folder, { recursive: true }));

test('runs stand by scenario, the latest last; one that died too', async () => {
  const { exitCode, stdout, stderr } = await chaos(['history', folder]);
  expect(exitCode).toBe(0);
  expect(stderr).toBe('Passed over 1 folder that no run can be read from.\n');
  const [shop, another] = stdout.split('Another\n') as [string, string];
  expect(shop).toMatch(
    /^Orders survive a database failure\n {2}run +verdict +available +outages .*\n {2}r-1 +aborted .*\n {2}r-2 +failed .*\n\n$/,
  );
  expect(another).toMatch(/r-3 +passed +90.63% .*\n\n3 runs: 1 aborted, 1 passed, 1 failed\n$/);
});

test('one scenario and the latest of it may be chosen, for programs too', async () => {
  const asked = ['--scenario', passes.scenario.name, '--last', '1', '--format', 'json'];
  const { runs, ...history } = JSON.parse((await chaos(['history', folder, ...asked])).stdout);
  expect(history).toEqual({ format: 'chaos-history/1', verdicts: { failed: 1 } });
  expect(runs).toMatchObject([
    { run: 'r-2', verdict: 'failed', reason: fails.reasons[0], availability: fails.summary.availability },
  ]);
});

test('no run at all is no mistake, a folder that is not there is one', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'chaos-history-'));
  expect((await chaos(['history'], { cwd: empty })).stdout).toBe('There is no run in .chaos/runs.\n');
  const { exitCode, stderr } = await chaos(['history', join(empty, 'gone')]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('it is no folder of runs');
  await rm(empty, { recursive: true });
});

test.each(['0', '-1', 'many', '1e9'])('--last %s is refused', async (last) => {
  const { exitCode, stderr } = await chaos(['history', '--last', last]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('A count is a whole number, 1 or more.');
});

test('whatever names others chose, each stands on its line, in Markdown in its cell', () => {
  const history = historyOf(
    hostileTexts.map((name) => ({ ...passes, run: name, scenario: { ...passes.scenario, name } })),
    100,
  );
  for (const line of historyLines(history, 80, plainPaint)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(widthOf(line)).toBeLessThanOrEqual(80);
  }
  const html = new MarkdownIt({ html: true }).render(historyAsMarkdown(history));
  const tags = [...html.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag);
  expect([...new Set(tags)].sort()).toEqual(['code', 'h2', 'p', 'table', 'tbody', 'td', 'th', 'thead', 'tr']);
});
