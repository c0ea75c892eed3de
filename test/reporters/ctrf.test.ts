import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { reportAsCtrf } from '../../src/reporters/ctrf/write.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { formatSchema, lackingFormats } from './support/formats.ts';
import { hostileTexts } from './support/hostile.ts';
import { kill, planOf, probe, run } from './support/plans.ts';
import { shopFails, shopPasses } from './support/shop.ts';
import { Story, unseen } from './support/story.ts';

const ctrf = (story: Story) => JSON.parse(reportAsCtrf(foldReport(story.events)));

test('each promise is a test, with its place, its times and why it failed', () => {
  const story = shopFails();
  const { results } = ctrf(story);
  const start = Date.UTC(2025, 0, 2, 3, 4, 5);
  expect(results.summary).toEqual({
    tests: 11,
    passed: 8,
    failed: 3,
    skipped: 0,
    pending: 0,
    other: 0,
    start,
    stop: start + 7340,
    duration: 7340,
  });
  const { place } = story.plan.steps.find(({ id }) => id === 'check')!;
  expect(results.tests.find(({ name }: { name: string }) => name === 'check: run check')).toEqual({
    name: 'check: run check',
    status: 'failed',
    rawStatus: 'failure',
    duration: 40,
    start: start + 7200,
    stop: start + 7240,
    suite: ['Orders survive a database failure', 'timeline'],
    message: 'node exited with 1, expected 0: 2 orders are missing',
    trace: expect.stringContaining('orders-answer: bad after 5 ms: status 503, expected 200'),
    filePath: 'scenarios/db-failure.yaml',
    line: place.line,
    tags: ['database'],
    stderr: ['looking', '2 orders are missing'],
  });
  expect(results.extra).toMatchObject({ verdict: 'failed', exitCode: 1 });
  expect(results.environment.healthy).toBe(false);
});

test('what could not be observed is no green test', () => {
  const story = new Story(planOf({ steps: [kill('crash')] })).healthyStart().strike('crash', unseen('nobody there'));
  const { results } = ctrf(story.healthyEnd());
  expect(results.tests).toMatchObject([{ name: 'crash: inject crash', status: 'failed', rawStatus: 'error' }]);
});

describe('the file is what the schema of CTRF says', () => {
  const lacking = lackingFormats();
  if (lacking !== undefined) console.warn(`not validated against the schema of CTRF: ${lacking}`);
  // In CI it must not be lacking.
  const check = test.skipIf(lacking !== undefined && !process.env.CI);

  const everywhere = (text: string): Story =>
    new Story(
      planOf({
        scenario: { file: text, name: text, tags: [text] },
        parameters: { [text]: text },
        probes: [probe(text)],
        steps: [{ ...run('a'), title: text }],
      }),
    )
      .healthyStart()
      .starts('a')
      .ends('a', 'failed', text)
      .tell({ type: 'abort-requested', reason: text })
      .takeDown();

  check.each<[string, () => Story]>([
    ['of a run that passed', shopPasses],
    ['of a run that failed', shopFails],
    ['of a run that never began', () => new Story(planOf())],
    ...hostileTexts.map((text): [string, () => Story] => [
      `with ${JSON.stringify(text).slice(0, 60)} in every place`,
      () => everywhere(text),
    ]),
  ])('%s', (_, story) => {
    const ajv = new Ajv({
      allErrors: true,
      strict: false,
      formats: { uri: true, uuid: true, 'date-time': isDateTime },
    });
    const validate = ajv.compile(JSON.parse(readFileSync(formatSchema('ctrf.schema.json'), 'utf8')));
    validate(ctrf(story()));
    expect(validate.errors).toBeNull();
  });
});

const isDateTime = (text: string): boolean => new Date(text).toISOString() === text;
