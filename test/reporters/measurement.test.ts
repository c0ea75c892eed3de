import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { kill, objective, planOf, probe, slow } from './support/plans.ts';
import { Story } from './support/story.ts';

type Measure = Parameters<typeof objective>[0];

/*
 * 0 to 1000 ms baseline; 2000 to 4000 ms the link is slow; 6000 ms the database crashes; 10,100 ms recovery is over.
 */
function told(measures: [Measure, string][], states: { web?: string; api?: string; baseline?: string }): Report {
  const plan = planOf({
    probes: [probe('web'), probe('api')],
    steps: [slow('slow', 2000), kill('crash')],
    objectives: measures.map(([measure, bound]) => objective(measure, bound)),
  });
  const { web = '', api = 'g'.repeat(91), baseline = 'g'.repeat(10) } = states;
  const story = new Story(plan)
    .phase('start')
    .phaseEnds('start')
    .phase('baseline')
    .samples('web', 0, baseline)
    .at(1000)
    .phaseEnds('baseline')
    .phase('timeline')
    .at(2000)
    .inject('slow')
    .at(4000)
    .undo('slow')
    .at(6000)
    .strike('crash')
    .samples('web', 1000, web)
    .samples('api', 1000, api)
    .at(10_000)
    .healthyEnd();
  return foldReport(story.events);
}

const judge = (measure: Measure, bound: string, states: Parameters<typeof told>[1]) =>
  told([[measure, bound]], states).objectives[0]!;

/** Good but for two seconds from 2000 ms on, which are as told. */
const whileSlow = (states: string): string => `${'g'.repeat(10)}${states.repeat(20).slice(0, 20)}${'g'.repeat(60)}`;
/** Fails for a second after the crash at 6000 ms. */
const crashed = `${'g'.repeat(50)}${'b'.repeat(10)}${'g'.repeat(30)}`;

describe('an objective on the time of a step', () => {
  test('counts only samples that were due in it', () => {
    const measure: Measure = { measure: 'availability', probe: 'web', during: 'slow' };
    expect(judge(measure, '>= 75%', { web: whileSlow('gggb') })).toMatchObject({
      title: 'availability of web during slow >= 75%',
      measured: 0.75,
      samples: 20,
      outcome: 'passed',
    });
  });

  test('may be about a phase', () => {
    expect(
      judge({ measure: 'errorRate', probe: 'web', during: 'baseline' }, '0%', { web: whileSlow('b') }),
    ).toMatchObject({ measured: 0, samples: 10, outcome: 'passed' });
  });

  test('that held no sample is not judged', () => {
    expect(judge({ measure: 'availability', probe: 'web', during: 'slow' }, '>= 0%', { web: 'ggg' })).toMatchObject({
      outcome: 'unknown',
      message: 'no sample was measured during slow',
    });
  });
});

describe('an objective against the baseline', () => {
  const p50: Measure = { measure: 'latency', probe: 'web', percentile: 50, during: 'slow' };

  test.each([
    ['<= 10.5x baseline', 'passed'],
    ['<= 9.5x baseline', 'failed'],
  ])('%s, of what takes ten times as long: %s', (bound, outcome) => {
    expect(judge(p50, bound, { web: whileSlow('s') })).toMatchObject({
      outcome,
      measuredText: '10x baseline (50ms, baseline 5ms)',
    });
  });

  test('is not judged by too few samples of the baseline', () => {
    expect(
      judge({ measure: 'latency', probe: 'web', percentile: 95, during: 'slow' }, '<= 2x baseline', {
        web: whileSlow('s'),
      }),
    ).toMatchObject({ outcome: 'unknown', message: 'the baseline: p95 takes 20 good answers, there were 10' });
  });

  test('of errors where there were none is broken by any', () => {
    const errors: Measure = { measure: 'errorRate', probe: 'web' };
    expect(judge(errors, '<= 2x baseline', { web: whileSlow('b') })).toMatchObject({
      outcome: 'failed',
      measuredText: expect.stringContaining('more than in the baseline'),
    });
    expect(judge(errors, '<= 2x baseline', { web: whileSlow('g') })).toMatchObject({ outcome: 'passed' });
  });
});

describe('a percentile of few answers', () => {
  const p99: Measure = { measure: 'latency', probe: 'web', percentile: 99, during: 'slow' };

  test('is judged where even the slowest keeps it', () => {
    expect(judge(p99, '< 60ms', { web: whileSlow('s') }).outcome).toBe('passed');
  });

  test('is not judged where one alone would decide', () => {
    expect(judge(p99, '< 40ms', { web: whileSlow('gggggggggs') })).toMatchObject({
      outcome: 'unknown',
      message: 'p99 takes 100 good answers, there were 20',
      samples: 20,
    });
  });
});

test('uptime is the share of the time without an outage, however often was asked', () => {
  expect(judge({ measure: 'uptime', probe: 'web' }, '>= 85%', { web: crashed })).toMatchObject({
    measured: expect.closeTo(1 - 1000 / 9100, 5),
    outcome: 'passed',
  });
  expect(judge({ measure: 'uptime', probe: 'web', during: 'slow' }, '100%', { web: crashed }).outcome).toBe('passed');
});

describe('after a crash', () => {
  test.each([
    [{ measure: 'recoveryTime', step: 'crash', from: 'start' }, 1000],
    [{ measure: 'recoveryTime', step: 'crash', from: 'failure' }, 1000],
    [{ measure: 'recoveryTime', step: 'crash', from: 'end' }, 1000],
    [{ measure: 'detectionTime', step: 'crash' }, 0],
    [{ measure: 'meanTimeToRecover' }, 1000],
  ] as [Measure, number][])('%j is %d ms', (measure, measured) => {
    expect(judge(measure, '<= 1s', { web: crashed })).toMatchObject({ measured, outcome: 'passed' });
  });

  test('the time to recover counts from the moment that is asked for', () => {
    // Fails from 2500 until 4800 ms under a fault from 2000 to 4000 ms.
    const web = `${'g'.repeat(15)}${'b'.repeat(23)}${'g'.repeat(52)}`;
    const time = (from: 'start' | 'end' | 'failure') =>
      judge({ measure: 'recoveryTime', step: 'slow', from }, '<= 1h', { web }).measured;
    expect([time('start'), time('failure'), time('end')]).toEqual([2800, 2300, 800]);
    expect(judge({ measure: 'detectionTime', step: 'slow' }, '< 1s', { web }).measured).toBe(500);
  });

  test('a fault that nothing noticed was never detected', () => {
    expect(judge({ measure: 'detectionTime', step: 'slow' }, '< 1h', { web: crashed })).toMatchObject({
      outcome: 'failed',
      measuredText: 'nothing failed',
    });
  });

  test('the report names the probes that it spread to', () => {
    const { injections } = told([], { web: crashed, api: crashed });
    expect(injections.map(({ recovery }) => recovery.failedProbes)).toEqual([[], ['web', 'api']]);
  });

  test('an outage that did not end counts against the recovery rate', () => {
    const web = `${'g'.repeat(50)}${'b'.repeat(41)}`;
    expect(judge({ measure: 'recoveryRate' }, '> 95%', { web, api: crashed })).toMatchObject({
      measured: 0.5,
      outcome: 'failed',
    });
    expect(judge({ measure: 'meanTimeToRecover' }, '< 5m', { web })).toMatchObject({
      measuredText: 'did not recover',
      outcome: 'failed',
    });
  });
});

describe('where a scenario promises nothing', () => {
  test('what people usually promise is shown, and not judged', () => {
    const { usual, verdict } = told([], { web: crashed });
    expect(verdict).toBe('passed');
    expect(usual.map(({ title, isMet }) => [title, isMet])).toEqual([
      ['mean time to recover', true],
      ['availability', false],
      ['error rate', false],
      ['recovery rate', true],
    ]);
  });

  test('a promise of its own takes the place of all of them', () => {
    expect(told([[{ measure: 'recoveryRate' }, '> 95%']], { web: crashed }).usual).toEqual([]);
  });
});
