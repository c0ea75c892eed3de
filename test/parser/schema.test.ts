import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { faults } from '../../src/injectors/registry.ts';
import type { JsonObject, JsonValue } from '../../src/model/json.ts';
import { parseScenario } from '../../src/parser/parse.ts';
import { probeKinds } from '../../src/probes/registry.ts';

const root = join(import.meta.dirname, '..', '..');
const schema: JsonObject = JSON.parse(readFileSync(join(root, 'schema', 'scenario.schema.json'), 'utf8'));

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every key that can be typed, with the schema of its value. References are followed where they stand. */
function* keys(at: JsonValue, path: string): Generator<[string, JsonObject]> {
  if (Array.isArray(at)) for (const [index, item] of at.entries()) yield* keys(item, `${path}/${index}`);
  if (!isObject(at)) return;
  for (const [name, value] of Object.entries(at)) {
    if (name === 'properties' && isObject(value))
      for (const [key, member] of Object.entries(value))
        if (isObject(member) && !/\/(?:if|then|not)$/.test(path)) yield [`${path}/${key}`, referred(member)];
    if (!['examples', 'default', 'enum', 'const'].includes(name)) yield* keys(value, `${path}/${name}`);
  }
}

function referred(member: JsonObject): JsonObject {
  if (typeof member.$ref !== 'string') return member;
  const name = member.$ref.replace('#/definitions/', '');
  return { ...((schema.definitions as JsonObject)[name] as JsonObject), ...member };
}

const all = [...keys(schema, '')];

describe('the schema of a scenario', () => {
  it('says of every key what it is for', () => {
    expect(all.length).toBeGreaterThan(150);
    const silent = all.filter(([, { description }]) => typeof description !== 'string' || description.length < 5);
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it('shows for every key that takes a value what one looks like', () => {
    const bare = all.filter(
      ([, { type, examples, default: standard, enum: words, anyOf, const: only, properties, additionalProperties }]) =>
        ![examples, standard, words, only, properties, additionalProperties].some((one) => one !== undefined) &&
        type !== 'boolean' &&
        type !== 'array' &&
        !(Array.isArray(anyOf) && anyOf.some((one) => isObject(one) && (one.enum || one.examples))),
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  it('accepts its own examples and defaults', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema(schema, 'scenario');
    for (const [path, member] of all) {
      const { examples = [], default: standard } = member;
      const values = [...(examples as JsonValue[]), ...(standard === undefined ? [] : [standard])];
      const validate = ajv.compile({ ...member, definitions: schema.definitions! });
      for (const value of values) expect(validate(value), `${path}: ${JSON.stringify(value)}`).toBe(true);
    }
  });

  it('lets an editor complete every fault and its parameters, and every kind of probe', () => {
    const text = JSON.stringify(schema);
    for (const { name, parameters } of faults) {
      expect(text).toContain(`"${name}"`);
      for (const parameter of Object.keys(parameters)) expect(text).toContain(`"${parameter}"`);
    }
    for (const { kind } of probeKinds) expect(text).toContain(`"${kind}"`);
  });

  it.each(['db-failure', 'db-failure-lost-orders', 'first', 'slow-link', 'own-fault', 'api-failure'])(
    'accepts scenarios/%s.yaml when it is compiled anew, as an editor does',
    (name) => {
      const text = readFileSync(join(root, 'scenarios', `${name}.yaml`), 'utf8');
      const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
      expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
      expect(text.split('\n')[0]).toContain('yaml-language-server: $schema=../schema/scenario.schema.json');
    },
  );

  it('agrees with what validation says', () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    for (const [text, valid] of [
      ['version: 1\nname: Test\ntimeline: [{ pause: 1s }]\n', true],
      ['version: 1\nname: Test\ntimeline: [{ pause: 1 }]\n', false],
      ['version: 1\nname: Test\ntimeline: [{ pause: 1s, fo: 2s }]\n', false],
      ['version: 1\nname: Test\ntimeline: [{ inject: process-kill, target: a, with: { signal: SIGFOO } }]\n', false],
    ] as const) {
      expect(validate(parse(text)), text).toBe(valid);
      if (!valid) expect(parseScenario(text, { file: 'x' }).diagnostics, text).not.toEqual([]);
    }
  });
});
