import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { type Fields, objectSchema } from '../../src/model/field.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { probeKinds } from '../../src/probes/registry.ts';

const ajv = new Ajv({ strict: false, useDefaults: true, validateFormats: false });

describe.each(probeKinds.map((kind) => [kind.kind, kind] as const))('the %s probe', (name, kind) => {
  it('is described: itself, and each thing that may be written of it', () => {
    expect(kind.summary).not.toMatch(/\n|\.$/);
    expect(kind.description.length).toBeGreaterThan(80);
    for (const [key, text] of descriptions({ ...kind.settings, ...kind.expect }))
      expect(text, `description of ${key}`).toMatch(/^\S.*[.:`]$/s);
  });

  it.each(kind.examples.map((example) => [example.title, example.probe] as const))(
    'takes its own example: %s',
    (_, probe) => {
      const written = probe[name]!;
      const settings = (
        typeof written === 'object' && !Array.isArray(written) ? { ...written } : { [kind.shorthand!]: written }
      ) as JsonObject;
      const expectation = { ...(probe.expect as JsonObject | undefined) };
      expect(problems(kind.settings, settings)).toEqual([]);
      expect(problems(kind.expect, expectation)).toEqual([]);
      expect(kind.refuses?.(settings as never, expectation as never)).toBeUndefined();
    },
  );

  it('has a shorthand that is one of its settings', () => {
    if (kind.shorthand) expect(Object.keys(kind.settings)).toContain(kind.shorthand);
  });
});

it('kinds of probe have names of their own, in alphabetical order', () => {
  const names = probeKinds.map(({ kind }) => kind);
  expect(names).toEqual([...new Set(names)].sort());
});

function problems(fields: Fields, value: JsonObject): unknown[] {
  const validate = ajv.compile(objectSchema(fields));
  validate(value);
  return validate.errors ?? [];
}

function* descriptions(fields: Fields): Generator<[string, unknown]> {
  for (const [key, { schema }] of Object.entries(fields)) yield* below(key, schema);
}

function* below(path: string, schema: JsonObject): Generator<[string, unknown]> {
  yield [path, schema.description];
  for (const [key, nested] of Object.entries((schema.properties ?? {}) as Record<string, JsonObject>))
    yield* below(`${path}.${key}`, nested);
}
