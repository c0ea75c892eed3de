import type { Field, Fields, JsonSchema } from '../../model/field.ts';
import type { JsonObject } from '../../model/json.ts';
import { wrap } from '../../text/width.ts';
import { describeValue, written } from './value.ts';

/** Each field with what may be written, whether it has to be, its default and its meaning. Lines fit `columns`. */
export function fieldLines(fields: Fields, columns: number, indent = 2): string[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    lines(name, field.schema, isRequired(field), columns, indent),
  );
}

function lines(name: string, schema: JsonSchema, required: boolean, columns: number, indent: number): string[] {
  const about = [describeValue(schema), ...whenAbsent(schema, required)].join('; ');
  const inner = indent + 4;
  const description = typeof schema.description === 'string' ? schema.description : '';
  return [
    ...hanging(`${name}: `, about, columns, indent),
    ...wrap(description.replaceAll(/\s+/g, ' '), columns - inner).map((line) => ' '.repeat(inner) + line),
    ...nested(schema, columns, inner),
  ];
}

function whenAbsent(schema: JsonSchema, required: boolean): string[] {
  if (schema.default !== undefined) return [`default ${written(schema.default)}`];
  if (Array.isArray(schema.drawn)) return [`drawn from ${schema.drawn.map(written).join(' to ')}`];
  return [required ? 'required' : 'optional'];
}

/** The fields of a record. */
function nested({ properties, required }: JsonSchema, columns: number, indent: number): string[] {
  if (typeof properties !== 'object' || properties === null) return [];
  const names = Array.isArray(required) ? required : [];
  return Object.entries(properties as JsonObject).flatMap(([name, schema]) =>
    lines(name, schema as JsonSchema, names.includes(name), columns, indent),
  );
}

function hanging(label: string, text: string, columns: number, indent: number): string[] {
  const inner = indent + label.length;
  const [first = '', ...more] = wrap(text, Math.max(columns - inner, 20));
  return [' '.repeat(indent) + label + first, ...more.map((line) => ' '.repeat(inner) + line)];
}

const isRequired = (field: Field<unknown>): boolean => !field.optional && field.schema.default === undefined;
