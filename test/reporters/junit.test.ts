import { describe, expect, test } from 'vitest';
import { casesOf } from '../../src/reporters/cases/cases.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { reportAsJunit } from '../../src/reporters/junit/write.ts';
import { hostileTexts } from './support/hostile.ts';
import { awaitSteady, kill, planOf, probe, run, step } from './support/plans.ts';
import { shopFails, shopPasses } from './support/shop.ts';
import { Story, unseen } from './support/story.ts';
import { lackingForXsd, xsdErrors } from './support/xsd.ts';

const casesBy = (story: Story) =>
  Object.fromEntries(casesOf(foldReport(story.events)).map(({ name, result }) => [name, result.is]));

test('each promise is a case: baseline, steps, recovery, objectives', () => {
  expect(casesBy(shopPasses())).toEqual({
    'the targets start': 'passed',
    'the steady state holds before the first fault': 'passed',
    'slow: inject slow': 'passed',
    'settled: await settled': 'passed',
    'crash: inject crash': 'passed',
    'recovered: await recovered': 'passed',
    'check: run check': 'passed',
    'the steady state holds again after the timeline': 'passed',
    'availability of orders-answer >= 90%': 'passed',
    'recovery time of crash < 30s': 'passed',
    'consistency of orders-kept = 100%': 'passed',
  });
});

test('a failure says what was asked, what was seen and where it stands', () => {
  const report = foldReport(shopFails().events);
  const { line, column } = report.steps.find(({ id }) => id === 'check')!.place;
  const check = casesOf(report).find(({ name }) => name === 'check: run check')!;
  expect(check).toMatchObject({
    result: {
      is: 'failure',
      kind: 'run',
      message: 'node exited with 1, expected 0: 2 orders are missing',
      details: [
        'asked: run check',
        'seen: node exited with 1, expected 0: 2 orders are missing',
        'orders-answer: bad after 5 ms: status 503, expected 200',
        `where: scenarios/db-failure.yaml:${line}:${column}`,
      ],
    },
    stderr: 'looking\n2 orders are missing\n',
  });
});

test('lost orders are named', () => {
  const lost = casesOf(foldReport(shopFails().events)).find(({ name }) => name === 'consistency of orders-kept = 100%');
  expect(lost!.result).toMatchObject({
    is: 'failure',
    message: 'asked 100%, measured 96.49%: lost 2 of 57 acknowledged writes: r-1-000041, r-1-000042',
  });
});

test('a ledger without an objective is a case of its own', () => {
  const plan = planOf({ probes: [probe('kept', { kind: 'ledger' })] });
  const story = new Story(plan)
    .healthyStart()
    .ledger('kept', { lost: [{ id: 'a', atMs: 1 }] })
    .healthyEnd();
  expect(casesBy(story)).toMatchObject({ 'kept: every acknowledged write is kept as promised': 'failure' });
});

test('a group has no case: its members have', () => {
  const steps = [step('both', { kind: 'parallel' }), run('a')];
  const story = new Story(planOf({ steps })).healthyStart().starts('both').starts('a').ends('a').ends('both');
  expect(casesBy(story.healthyEnd())).toEqual({ 'a: run a': 'passed' });
});

describe('what is not passed is never green', () => {
  test('an unseen effect is an error', () => {
    const story = new Story(planOf({ steps: [kill('crash')] })).healthyStart().strike('crash', unseen('nobody there'));
    expect(casesBy(story.healthyEnd())).toEqual({ 'crash: inject crash': 'error' });
  });

  test('a baseline that does not hold is an error, and steps that never had their turn are skipped', () => {
    const story = new Story(planOf({ probes: [probe('web')], steps: [run('a')] })).phase('start').phaseEnds('start');
    story.phase('baseline').at(3000).phaseEnds('baseline', 'failed', 'web: status 503').takeDown();
    expect(casesBy(story)).toEqual({
      'the steady state holds before the first fault': 'error',
      'a: run a': 'skipped',
      'the steady state holds again after the timeline': 'skipped',
    });
  });

  test('an aborted run is an error of its own', () => {
    const story = new Story(planOf({ steps: [run('a'), awaitSteady('b')] })).healthyStart().starts('a').ends('a');
    story.tell({ type: 'abort-requested', reason: 'Ctrl-C' }).takeDown();
    expect(casesBy(story)).toEqual({
      'a: run a': 'passed',
      'b: await b': 'skipped',
      'the run can be judged as passed': 'error',
    });
  });

  test('a failed instrument is an error of its own', () => {
    const story = new Story(planOf({ steps: [run('a')] })).healthyStart().starts('a').ends('a');
    story.tell({ type: 'instrument-failed', instrument: 'sampler', message: 'exited with 1' }).healthyEnd();
    expect(casesBy(story)).toEqual({ 'a: run a': 'passed', 'the run can be judged as passed': 'error' });
  });

  test('what is left behind is an error', () => {
    const story = new Story(planOf({ steps: [run('a')] })).healthyStart().starts('a').ends('a');
    const undo = { op: 'stop-marked', run: 'r-1', grace: 1 } as never;
    story.tell({ type: 'leftover', undo, message: 'a process lives', command: 'kill 12' }).healthyEnd();
    expect(casesBy(story)).toEqual({ 'a: run a': 'passed', 'nothing is left behind': 'error' });
  });
});

describe('the file validates', () => {
  const lacking = lackingForXsd();
  if (lacking !== undefined) console.warn(`not validated against the schemas of other tools: ${lacking}`);
  // In CI it must not be lacking.
  const check = test.skipIf(lacking !== undefined && !process.env.CI);

  const everywhere = (text: string): Story => {
    const plan = planOf({
      scenario: { file: text, name: text, tags: [text] },
      parameters: { [text]: text },
      probes: [probe(text)],
      steps: [{ ...run('a'), title: text }, kill('crash')],
    });
    const output = { text, truncatedBytes: 0 };
    const result = {
      argv: [text],
      exitCode: 1,
      signal: null,
      timedOut: false,
      stdout: output,
      stderr: output,
      durationMs: 1,
    };
    return new Story(plan)
      .healthyStart()
      .starts('a')
      .tell({ type: 'step-ended', step: 'a', outcome: 'failed', message: text, result })
      .strike('crash', unseen(text))
      .tell({ type: 'abort-requested', reason: text })
      .takeDown();
  };
  const stories: [string, () => Story][] = [
    ['of a run that passed', shopPasses],
    ['of a run that failed', shopFails],
    ['of a run that never began', () => new Story(planOf())],
    ...hostileTexts.map((text): [string, () => Story] => [
      `with ${JSON.stringify(text).slice(0, 60)} in every place`,
      () => everywhere(text),
    ]),
  ];

  describe.each(['surefire-test-report.xsd', 'jenkins-junit-10.xsd'])('against %s', (schema) => {
    check.each(stories)('%s', (_, story) => {
      if (lacking !== undefined) throw new Error(lacking);
      expect(xsdErrors(schema, reportAsJunit(foldReport(story().events)))).toBe('');
    });
  });
});

test('escapes and control characters do not get into the file', () => {
  const story = new Story(planOf({ steps: [run('a')] })).healthyStart().starts('a');
  story.ends('a', 'failed', '\u001b[31mred\u001b[0m\u0000 <b>&"').healthyEnd();
  const xml = reportAsJunit(foldReport(story.events));
  expect(xml).toContain('message="red  &lt;b&gt;&amp;&quot;"');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
});
