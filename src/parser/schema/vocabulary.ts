import { durationPattern } from '../../model/duration.ts';
import type { Fields, JsonSchema } from '../../model/field.ts';
import { objectSchema } from '../../model/field.ts';
import type { JsonValue } from '../../model/json.ts';

/** A value that a parameter may stand for. */
const parameterPattern = '\\$\\{[^{}]+\\}';

/** Lets `${name}` stand wherever a number, a duration or a word is expected, so that editors agree with us. */
export function orParameter(schema: JsonSchema): JsonSchema {
  const { type, pattern, enum: words } = schema;
  if (schema.properties) return overMembers(schema);
  if (schema.anyOf) return { ...schema, anyOf: (schema.anyOf as JsonSchema[]).map(orParameter) };
  if (type === 'array' && schema.items) return { ...schema, items: orParameter(schema.items as JsonSchema) };
  if (type === 'number' || type === 'integer' || type === 'boolean')
    return { ...schema, type: [type, 'string'], pattern: `^${parameterPattern}$` };
  if (type === 'string' && words) {
    const { type: _type, enum: _words, ...about } = schema;
    return {
      ...about,
      anyOf: [
        { type: 'string', enum: words },
        { type: 'string', pattern: `^${parameterPattern}$` },
      ],
    };
  }
  if (type === 'string' && typeof pattern === 'string')
    return { ...schema, pattern: `${pattern}|^.*${parameterPattern}.*$` };
  return schema;
}

function overMembers(schema: JsonSchema): JsonSchema {
  const properties = Object.entries(schema.properties as Record<string, JsonSchema>).map(([key, one]) => [
    key,
    orParameter(one),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

export const fieldsSchema = (fields: Fields): JsonSchema => orParameter(objectSchema(fields));

/** The shorthand of a record: a bare value for its most important member. */
export function withShorthand(schema: JsonSchema, bare: JsonSchema): JsonSchema {
  const { type: _object, ...members } = schema;
  const { type, pattern, minLength, items, minItems, examples } = bare;
  return defined({
    type: [...[type as JsonValue].flat(), 'object'],
    pattern,
    minLength,
    items,
    minItems,
    examples,
    ...members,
  });
}

export const duration = (description: string, about: { default?: string; examples?: JsonValue[] } = {}): JsonSchema =>
  orParameter({
    type: 'string',
    format: 'duration',
    pattern: durationPattern,
    description,
    ...(about.default ? { default: about.default } : {}),
    examples: about.examples ?? ['250ms', '5s', '1m30s'],
  });

export const text = (description: string, ...examples: string[]): JsonSchema => ({
  type: 'string',
  minLength: 1,
  description,
  examples,
});

export const record = (
  description: string,
  properties: Record<string, JsonSchema>,
  required: string[] = [],
): JsonSchema => ({
  type: 'object',
  description,
  properties,
  additionalProperties: false,
  ...(required.length ? { required } : {}),
});

export const mapOf = (description: string, value: JsonSchema, names?: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: value,
  ...(names ? { propertyNames: { pattern: names } } : {}),
});

export const listOf = (description: string, items: JsonSchema, minItems = 0): JsonSchema => ({
  type: 'array',
  description,
  items,
  ...(minItems ? { minItems } : {}),
});

const defined = (members: Record<string, JsonValue | undefined>): JsonSchema =>
  Object.fromEntries(Object.entries(members).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
