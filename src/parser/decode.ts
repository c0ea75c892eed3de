import { parseDuration } from '../model/duration.ts';
import type { Fields, JsonSchema } from '../model/field.ts';
import { type JsonObject, type JsonValue, textOf } from '../model/json.ts';
import { parseRate } from '../model/rate.ts';
import { parseSize } from '../model/size.ts';

/**
 * Turns what an author wrote under a descriptor's fields into what its code receives: units become numbers, defaults are
 * filled in. The value has passed the schema.
 */
export function decodeFields(fields: Fields, written: JsonObject): JsonObject {
  const decoded: JsonObject = {};
  for (const [key, { schema }] of Object.entries(fields)) {
    const value = Object.hasOwn(written, key) ? written[key] : schema.default;
    if (value !== undefined) decoded[key] = decode(schema, value);
  }
  return decoded;
}

function decode(schema: JsonSchema, value: JsonValue): JsonValue {
  if (Array.isArray(schema.anyOf)) {
    const fitting = (schema.anyOf as JsonSchema[]).find((one) => isOf(one, value));
    return fitting ? decode(fitting, value) : plain(value);
  }
  switch (schema.format) {
    case 'duration':
      return parseDuration(textOf(value)) ?? 0;
    case 'size':
      return parseSize(textOf(value)) ?? 0;
    case 'rate':
      return parseRate(textOf(value)) ?? 0;
    case 'share':
      return Number(`${textOf(value).replace('%', '') || 0}e-2`) || 0;
  }
  if ((schema.type === 'number' || schema.type === 'integer') && typeof value === 'string') return 0; // a parameter without a value: never run
  if (Array.isArray(value)) return value.map((item) => decode((schema.items as JsonSchema | undefined) ?? {}, item));
  if (typeof value === 'object' && value !== null && schema.properties)
    return decodeObject(schema.properties as Record<string, JsonSchema>, value);
  return plain(value);
}

function decodeObject(properties: Record<string, JsonSchema>, written: JsonObject): JsonObject {
  const decoded: JsonObject = {};
  for (const [key, schema] of Object.entries(properties)) {
    const value = Object.hasOwn(written, key) ? written[key] : schema.default;
    if (value !== undefined) decoded[key] = decode(schema, value);
  }
  return decoded;
}

function isOf(schema: JsonSchema, value: JsonValue): boolean {
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as JsonSchema[]).some((one) => isOf(one, value));
  const types = [schema.type ?? []].flat();
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  if (type === 'string' && typeof schema.pattern === 'string' && !new RegExp(schema.pattern).test(value as string))
    return false;
  return (
    types.length === 0 ||
    types.includes(type) ||
    (type === 'number' && types.includes('integer') && Number.isInteger(value))
  );
}

/** With ordinary objects: what leaves the parser may be compared and printed as usual. Keys cannot be `__proto__`. */
function plain(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
