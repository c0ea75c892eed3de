import { describe, expect, test } from 'vitest';
import type { ObjectiveReport } from '../../src/model/report.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { kill, objective, planOf, probe } from './support/plans.ts';
import { Story } from './support/story.ts';

type Measure = Parameters<typeof objective>[0];

function judge(measure: Measure, bound: string, tell: (story: Story) => Story): ObjectiveReport {
  const plan = planOf({
    probes: [probe('web'), probe('kept', { kind: 'ledger' })],
    steps: [kill('crash')],
    objectives: [objective(measure, bound)],
  });
  return foldReport(tell(new Story(plan).healthyStart()).events).objectives[0]!;
}
const web = (states: string) => (story: Story) =>
  story.samples('web', 1000, states).samples('kept', 1000, states).at(60_000).healthyEnd();

describe('availability', () => {
  test.each([
    ['>= 90%', 'gggggggggb', 'passed', '90%'],
    ['>= 90.1%', 'gggggggggb', 'failed', '90%'],
    ['> 0%', 'b', 'failed', '0%'],
    ['100%', 'ggg', 'passed', '100%'],
    ['100%', 'gggb', 'failed', '75%'],
  ])('%s of %s has %s', (bound, states, outcome, measuredText) => {
    expect(judge({ measure: 'availability', probe: 'web' }, bound, web(states))).toMatchObject({
      outcome,
      measuredText,
    });
  });

  test('999 of 1,000 keep 99.9%, and 99,999 of 100,000 are not shown as all', () => {
    const measure: Measure = { measure: 'availability', probe: 'web' };
    expect(judge(measure, '>= 99.9%', web(`${'g'.repeat(999)}b`)).outcome).toBe('passed');
    expect(judge(measure, '100%', web(`${'g'.repeat(99_999)}b`))).toMatchObject({
      outcome: 'failed',
      measuredText: '99.999%',
    });
  });

  test('just below its bound does not look as if it kept it', () => {
    const states = `${'g'.repeat(89_999)}${'b'.repeat(10_001)}`;
    expect(judge({ measure: 'availability', probe: 'web' }, '>= 90%', web(states))).toMatchObject({
      outcome: 'failed',
      measuredText: '89.999%',
    });
  });

  test('does not count what could not be measured', () => {
    expect(judge({ measure: 'availability', probe: 'web' }, '100%', web('gguug'))).toMatchObject({
      measured: 1,
      samples: 3,
    });
  });
});

test('an error rate of a probe that never answered well is whole', () => {
  expect(judge({ measure: 'errorRate', probe: 'web' }, '< 10%', web('bbb'))).toMatchObject({
    measured: 1,
    outcome: 'failed',
  });
});

describe('latency', () => {
  test('is that of good answers, so that quick refusals do not flatter', () => {
    expect(judge({ measure: 'latency', probe: 'web', percentile: 95 }, '< 250ms', web('gggtt'))).toMatchObject({
      title: 'p95 latency of web < 250ms',
      measured: 5,
      outcome: 'passed',
    });
  });

  test('is unknown when no answer was good', () => {
    expect(judge({ measure: 'latency', probe: 'web', percentile: 95 }, '< 250ms', web('bbb'))).toMatchObject({
      measured: null,
      outcome: 'unknown',
      message: 'no answer was good',
    });
  });
});

describe('recovery time', () => {
  const after = (states: string) => (story: Story) => web(states)(story.strike('crash'));
  const measure: Measure = { measure: 'recoveryTime', step: 'crash', from: 'start' };

  test.each([
    ['is zero where nothing failed', 'ggg', 'passed', 0, 'never failed'],
    ['is measured from the injection', 'bbgggg', 'passed', 200, '200ms'],
    ['breaks its bound when it takes too long', 'bbbbbbggg', 'failed', 600, '600ms'],
    ['breaks any bound when the system stays down', 'gbbb', 'failed', null, 'did not recover'],
  ])('%s', (_, states, outcome, measured, measuredText) => {
    expect(judge(measure, '< 500ms', after(states))).toMatchObject({ outcome, measured, measuredText });
  });

  test('is unknown when the fault was never injected', () => {
    expect(judge(measure, '< 500ms', web('ggg'))).toMatchObject({
      outcome: 'unknown',
      message: 'it was never injected',
    });
  });

  test('is unknown when a probe saw nothing after it', () => {
    const story = (told: Story) => told.strike('crash').samples('web', 1000, 'ggg').at(5000).healthyEnd();
    expect(judge(measure, '< 500ms', story)).toMatchObject({
      outcome: 'unknown',
      message: 'kept measured nothing after it',
    });
  });
});

describe('consistency', () => {
  const measure: Measure = { measure: 'consistency', probe: 'kept' };

  test('is the share of acknowledged writes kept exactly once, and names those that are not', () => {
    const story = (told: Story) =>
      told
        .ledger('kept', { acknowledged: 100, lost: [{ id: 'a', atMs: 1 }], duplicated: [{ id: 'b', atMs: 2 }] })
        .healthyEnd();
    expect(judge(measure, '100%', story)).toMatchObject({
      title: 'consistency of kept = 100%',
      measured: 0.98,
      outcome: 'failed',
      message: 'lost 1 of 100 acknowledged writes: a; kept 1 write more than once: b',
    });
  });

  test('is unknown when nothing was acknowledged', () => {
    expect(judge(measure, '100%', (told) => told.ledger('kept', { acknowledged: 0 }).healthyEnd())).toMatchObject({
      outcome: 'unknown',
      message: 'no write was acknowledged',
    });
  });
});

test('a run that was cut short says what it measured, and judges nothing by it', () => {
  const story = (told: Story) =>
    told.samples('web', 1000, 'gg').tell({ type: 'abort-requested', reason: 'Ctrl-C' }).takeDown();
  expect(judge({ measure: 'availability', probe: 'web' }, '100%', story)).toMatchObject({
    measured: 1,
    outcome: 'unknown',
    message: 'the run ended before this could be judged',
  });
});
