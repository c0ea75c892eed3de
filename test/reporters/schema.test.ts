import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { expect, test } from 'vitest';
import { foldReport } from '../../src/reporters/fold.ts';
import { reportAsJson } from '../../src/reporters/json.ts';
import { packageRoot } from '../support/chaos.ts';
import { shopFails, shopPasses } from './support/shop.ts';

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
const validatorOf = (name: string): ValidateFunction =>
  ajv.compile(JSON.parse(readFileSync(join(packageRoot, 'schema', `${name}.schema.json`), 'utf8')));

const stories = [shopPasses, shopFails].map((story) => ({ name: story.name, story: story() }));

test.each(stories)('the report of $name is what schema/report.schema.json says', ({ story }) => {
  const validate = validatorOf('report');
  validate(JSON.parse(reportAsJson(foldReport(story.events))));
  expect(validate.errors).toBeNull();
});

test.each(stories)('each event of $name is what schema/event.schema.json says', ({ story }) => {
  const validate = validatorOf('event');
  for (const event of story.events) {
    validate(JSON.parse(JSON.stringify(event)));
    expect(validate.errors).toBeNull();
  }
});

test('the plan in the first event is what schema/plan.schema.json says', () => {
  const validate = validatorOf('plan');
  validate(JSON.parse(JSON.stringify(shopPasses().plan)));
  expect(validate.errors).toBeNull();
});

test('a report that lacks its verdict, or has a key too many, is refused', () => {
  const validate = validatorOf('report');
  const { verdict: _, ...report } = foldReport(shopPasses().events);
  expect(validate({ ...report, colour: 'green' })).toBe(false);
  expect(validate.errors!.map(({ keyword }) => keyword).sort()).toEqual(['additionalProperties', 'required']);
});
