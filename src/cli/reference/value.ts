import type { JsonSchema } from '../../model/field.ts';
import type { JsonValue } from '../../model/json.ts';

/** What may be written for a field, in words: `duration, as 5s`, `one of up, down`, `integer, at least 1`. */
export function describeValue(schema: JsonSchema): string {
  return [kindOf(schema), ...boundsOf(schema)].join(', ');
}

/** A value as one would write it in YAML, on one line. */
export const written = (value: JsonValue): string =>
  typeof value === 'string' && /^[\w.%/:-]+$/.test(value) ? value : JSON.stringify(value);

function kindOf({ anyOf, enum: words, format, type, items, additionalProperties }: JsonSchema): string {
  if (Array.isArray(anyOf)) return anyOf.map((one) => describeValue(one as JsonSchema)).join('; or ');
  if (Array.isArray(words)) return `one of ${words.map(written).join(', ')}`;
  if (typeof format === 'string' && format in formats) return formats[format]!;
  if (Array.isArray(type)) return type.map((one) => typeNames[String(one)] ?? String(one)).join(' or ');
  if (type === 'array') return `list of ${isSchema(items) ? plural(kindOf(items)) : 'values'}`;
  if (type === 'object')
    return isSchema(additionalProperties) ? `map of ${plural(kindOf(additionalProperties))}` : 'map';
  return typeof type === 'string' ? (typeNames[type] ?? type) : 'anything';
}

function boundsOf({ minimum, maximum, exclusiveMinimum, minItems }: JsonSchema): string[] {
  return [
    ...(typeof minimum === 'number' ? [`at least ${minimum}`] : []),
    ...(typeof exclusiveMinimum === 'number' ? [`more than ${exclusiveMinimum}`] : []),
    ...(typeof maximum === 'number' ? [`at most ${maximum}`] : []),
    ...(typeof minItems === 'number' && minItems > 0 ? ['not empty'] : []),
  ];
}

const formats: Record<string, string> = {
  duration: 'duration, as 250ms, 5s, 2m',
  size: 'size, as 64MiB, 10MB',
  share: 'share, as 50%',
};

const typeNames: Record<string, string> = { string: 'text', boolean: 'true or false', null: 'null' };

const plural = (kind: string): string => (kind === 'text' ? 'texts' : kind.includes(' ') ? `(${kind})` : `${kind}s`);

const isSchema = (value: JsonValue | undefined): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
