import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import MarkdownIt from 'markdown-it';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chance } from '../../src/model/chance.ts';
import { changeOfRate } from '../../src/reporters/compare/change-of-rate.ts';
import { compare } from '../../src/reporters/compare/compare.ts';
import { comparisonAsMarkdown } from '../../src/reporters/compare/markdown.ts';
import { comparisonLines } from '../../src/reporters/compare/text.ts';
import { plainPaint } from '../../src/reporters/console/paint.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { reportAsJson } from '../../src/reporters/json.ts';
import { RunFold } from '../../src/reporters/run-fold.ts';
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

test('times to recover are shown and not judged', () => {
  expect(figuresBy('unclear')).toContain('fault crash: time to recover 650 → 450');
});

describe('a percentile', () => {
  test.each([
    ['that is the same', 100, 100, 'same'],
    ['of a system that is a fifth slower', 100, 120, 'worse'],
    ['of a system that is a fifth quicker', 100, 80, 'better'],
    ['that differs by less than anybody notices', 2, 2.5, 'unclear'],
  ])('%s', (_, before, after, change) => {
    expect(changeOf('p50', answers(2000, before, 1), answers(2000, after, 1))).toBe(change);
  });

  test('of a few answers proves nothing', () => {
    expect(changeOf('p95', answers(90, 100, 1), answers(90, 300, 2))).toBe('unclear');
    expect(changeOf('p99', answers(400, 100, 1), answers(400, 300, 2))).toBe('unclear');
  });

  test('of the slow ones is judged where the others are as quick as ever', () => {
    const [before, after] = [answers(1000, 100, 1), answers(1000, 100, 2)];
    const sick = after.map((ms, index) => (index % 10 === 0 ? ms + 2000 : ms));
    expect(changeOf('p50', before, sick)).not.toBe('worse');
    expect(changeOf('p95', before, sick)).toBe('worse');
    expect(changeOf('p95', sick, before)).toBe('better');
    expect(changeOf('max', before, sick)).toBe('unclear');
  });

  test('of two runs of one system is hardly ever judged', () => {
    const judged = Array.from({ length: 300 }, (_, seed) =>
      (['p50', 'p95'] as const).map((name) => changeOf(name, answers(300, 100, seed), answers(300, 100, seed + 1000))),
    ).flat();
    expect(judged.filter((change) => change === 'worse' || change === 'better').length).toBeLessThan(12);
  });

  test('is not judged of a report alone, which knows no single answer', () => {
    const [before, after] = [reportOf(answers(500, 100, 1)), reportOf(answers(500, 300, 2))];
    const figure = compare(before.report, after.report).figures.find(({ name }) => name === 'latency p50');
    expect(figure).toMatchObject({ change: 'unclear' });
  });

  /** Log-normal around a median, as latencies are; the same for the same seed. */
  function answers(count: number, medianMs: number, seed: number): number[] {
    const next = chance(String(seed));
    return Array.from({ length: count }, () => {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return medianMs * Math.exp(0.5 * normal);
    });
  }

  function reportOf(latencies: number[]) {
    const fold = new RunFold();
    const story = new Story(planOf({ probes: [probe('web')] })).healthyStart();
    const samples = latencies.map((latencyMs, index) => ({
      dueMs: 1000 + index,
      lateMs: 0,
      latencyMs,
      state: 'good' as const,
    }));
    story.at(1000 + latencies.length).tell({ type: 'samples', probe: 'web', samples });
    for (const event of story.healthyEnd().events) fold.add(event);
    return { report: fold.told().report, latencies: fold.latencies() };
  }

  function changeOf(name: string, before: number[], after: number[]) {
    const [a, b] = [reportOf(before), reportOf(after)];
    return compare(a.report, b.report, b.latencies).figures.find((figure) => figure.name === `latency ${name}`)!.change;
  }
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
  const html = new MarkdownIt({ html: true }).render(comparisonAsMarkdown(compare(report, report)));
  const tags = [...html.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag);
  const ours = ['code', 'details', 'h2', 'p', 'strong', 'summary', 'table', 'tbody', 'td', 'th', 'thead', 'tr'];
  expect(ours).toEqual(expect.arrayContaining([...new Set(tags)]));
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

test('a pull request is shown what changed, and may unfold the rest', async () => {
  const { stdout } = await chaos(['compare', 'before', 'after', '--format', 'markdown'], { cwd: folder });
  expect(stdout).toMatch(/^## ❌ 3 figures worse, 0 better: Orders survive a database failure\n/);
  expect(stdout).toContain('| ❌ | **ledger orders-kept** lost | 0 | 2 | 57, 57 |');
  expect(stdout.indexOf('latency p99')).toBeGreaterThan(stdout.indexOf('<details>'));
});

test('a report.json that was kept is a baseline', async () => {
  await writeFile(join(folder, 'baseline.json'), reportAsJson(passes));
  const { exitCode, stdout } = await chaos(['compare', 'baseline.json', 'after', '--fail-on-regression'], {
    cwd: folder,
  });
  expect(exitCode).toBe(1);
  expect(stdout).toContain('3 figures worse (-), 0 better (+)');
});

test.each([
  ['no JSON', 'hello', 'it is no JSON: '],
  ['something else', '{}', "it is no report.json of this version of chaos: must have required property 'format'"],
  ['a report with a mistake', reportAsJson({ ...passes, exitCode: 'none' } as never), '/exitCode must be number'],
])('a baseline that is %s is refused with exit 2', async (_, text, message) => {
  await writeFile(join(folder, 'baseline.json'), text);
  const { exitCode, stderr } = await chaos(['compare', 'baseline.json', 'after'], { cwd: folder });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});

test('what is no run is refused with exit 2', async () => {
  const { exitCode, stderr } = await chaos(['compare', 'before', 'nobody'], { cwd: folder });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('there is no events.ndjson in nobody');
});
