import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changeOfRate } from '../../src/reporters/compare/change-of-rate.ts';
import { compare } from '../../src/reporters/compare/compare.ts';
import { comparisonLines } from '../../src/reporters/compare/text.ts';
import { plainPaint } from '../../src/reporters/console/paint.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { widthOf } from '../../src/text/width.ts';
import { chaos } from '../support/chaos.ts';
import { hostileTexts } from './support/hostile.ts';
import { planOf, probe } from './support/plans.ts';
import { shopFails, shopPasses } from './support/shop.ts';
import { Story } from './support/story.ts';

const passes = foldReport(shopPasses().events);
const fails = foldReport(shopFails().events);
const figuresBy = (change: string, [before, after] = [passes, fails]) =>
  compare(before, after)
    .figures.filter((figure) => figure.change === change)
    .map(({ of, name, before, after }) => `${of}: ${name} ${before} → ${after}`);

test('a run and itself are the same in everything', () => {
  const { figures, differences, better, worse } = compare(passes, passes);
  expect(figures.every(({ change }) => change === 'same')).toBe(true);
  expect({ differences, better, worse }).toEqual({ differences: [], better: 0, worse: 0 });
});

test('what got worse is what was promised: the verdict, objectives, writes', () => {
  expect(figuresBy('worse')).toEqual([
    'run: verdict passed → failed',
    'objective consistency of orders-kept = 100%: outcome passed, 100% → failed, 96.49%',
    'ledger orders-kept: lost 0 → 2',
  ]);
  expect(figuresBy('better', [fails, passes])).toHaveLength(3);
});

test('latencies and times to recover are shown and not judged', () => {
  expect(figuresBy('unclear')).toContain('fault crash: time to recover 650 → 450');
});

test.each([
  ['the same', [50, 100], [50, 100], 'same'],
  ['one bad sample more', [100, 100], [99, 100], 'unclear'],
  ['a tenth more of many', [9900, 10_000], [8900, 10_000], 'worse'],
  ['a tenth less of many', [8900, 10_000], [9900, 10_000], 'better'],
  ['nothing to compare with', [0, 0], [9900, 10_000], 'unclear'],
  // Pooled z-test by hand: 0.05 / sqrt(0.925 * 0.075 * 2 / 400) = 2.685, and 2.561 with one less.
  ['just beyond chance', [380, 400], [360, 400], 'worse'],
  ['just within chance', [380, 400], [361, 400], 'unclear'],
] as const)('availability: %s', (_, [a, ofA], [b, ofB], change) => {
  expect(changeOfRate({ hits: a, of: ofA }, { hits: b, of: ofB })).toBe(change);
});

test('what else was different is said first', () => {
  const other = { ...passes, seed: 8, parameters: { factor: 20 }, version: '0.2.0' };
  expect(compare(passes, other).differences).toEqual([
    'version of chaos: 0.1.0 before, 0.2.0 after',
    'seed: 7 before, 8 after',
    'parameter factor: 10 before, 20 after',
  ]);
});

test('what only one of them has is unclear', () => {
  const web = foldReport(
    new Story(planOf({ probes: [probe('web')] })).healthyStart().samples('web', 1000, 'gg').healthyEnd().events,
  );
  const { figures } = compare(passes, web);
  expect(figures.find(({ of, name }) => of === 'probe web' && name === 'availability')).toEqual({
    of: 'probe web',
    name: 'availability',
    unit: 'share',
    before: null,
    after: 1,
    counts: { before: 0, after: 2 },
    change: 'unclear',
  });
});

test('whatever names others chose, they are shown on one line each', () => {
  const probes = hostileTexts.map((text) => probe(text));
  const report = foldReport(new Story(planOf({ probes })).events);
  for (const line of comparisonLines(compare(report, report), 80, plainPaint)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(widthOf(line)).toBeLessThanOrEqual(110);
  }
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaos-compare-'));
  for (const [name, story] of Object.entries({ before: shopPasses(), after: shopFails() })) {
    await mkdir(join(folder, name));
    const lines = story.events.map((event) => `${JSON.stringify(event)}\n`);
    await writeFile(join(folder, name, 'events.ndjson'), lines.join(''));
  }
});
afterEach(() => rm(folder, { recursive: true }));

test('chaos compare shows both, and fails on a regression only when it is asked to', async () => {
  const { exitCode, stdout } = await chaos(['compare', 'before', 'after'], { cwd: folder });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^ledger orders-kept\n- {3}lost\s+0\s+2\s+57, 57$/m);
  expect(stdout).toContain('3 figures worse (-), 0 better (+)');
  const asked = ['--fail-on-regression', '--format', 'json'];
  const failing = await chaos(['compare', 'before', 'after', ...asked], { cwd: folder });
  expect(failing.exitCode).toBe(1);
  expect(JSON.parse(failing.stdout)).toMatchObject({ format: 'chaos-comparison/1', worse: 3, better: 0 });
  expect((await chaos(['compare', 'after', 'before', ...asked], { cwd: folder })).exitCode).toBe(0);
});

test('what is no run is refused with exit 2', async () => {
  const { exitCode, stderr } = await chaos(['compare', 'before', 'nobody'], { cwd: folder });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('there is no events.ndjson in nobody');
});
