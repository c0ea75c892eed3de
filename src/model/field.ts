import type { Duration } from './duration.ts';
import { durationPattern } from './duration.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { type BytesPerSecond, ratePattern } from './rate.ts';
import { type Bytes, sizePattern } from './size.ts';

/**
 * One value that an author may write: a JSON Schema fragment that carries the TypeScript type of what the code
 * receives once the parser has decoded it (`5s` arrives as a `Duration`, `50%` as 0.5). Descriptors of faults and
 * probes are made of fields; the scenario schema, completion, defaults and the reference pages come from them.
 */
export interface Field<T, Optional extends boolean = boolean> {
  readonly schema: JsonSchema;
  readonly optional: Optional;
  /** Carries the type only; never present. */
  readonly decoded?: T;
}

export type JsonSchema = JsonObject;
export type Fields = Record<string, Field<unknown>>;

/** What the code receives for a record of fields. A field with a default is always there. */
export type Decoded<F extends Fields> = {
  [K in keyof F as F[K] extends Field<unknown, true> ? never : K]: F[K] extends Field<infer T> ? T : never;
} & {
  [K in keyof F as F[K] extends Field<unknown, true> ? K : never]?: F[K] extends Field<infer T> ? T : never;
};

interface Common {
  description: string;
  examples?: JsonValue[];
}
type WithDefault<D> = Common & { default: D };
type Optional = Common & { optional: true };
/** Drawn by the planner, from the run's seed, between these when it is not given. */
type Drawn<D> = Common & { drawn: [from: D, to: D] };

/** Builds the three flavours of a field: required, optional, with a default. */
function field<T, Written extends JsonValue = string, Extra = unknown>(base: JsonSchema) {
  function make(about: WithDefault<Written> & Extra): Field<T, false>;
  function make(about: Optional & Extra): Field<T, true>;
  function make(about: Drawn<Written> & Extra): Field<T, false>;
  function make(about: Common & Extra): Field<T, false>;
  function make(about: Common & Extra): Field<T> {
    const { optional, ...rest } = about as JsonObject;
    return { schema: { ...base, ...rest }, optional: optional === true };
  }
  return make;
}

export const text = field<string, string, { pattern?: string; minLength?: number }>({ type: 'string' });
export const flag = field<boolean, boolean>({ type: 'boolean' });
export const integer = field<number, number, { minimum?: number; maximum?: number }>({ type: 'integer' });
export const number = field<number, number, { minimum?: number; maximum?: number; exclusiveMinimum?: number }>({
  type: 'number',
});
/** Decoded to milliseconds. */
export const duration = field<Duration>({ type: 'string', format: 'duration', pattern: durationPattern });
/** `64MiB`, decoded to bytes. */
export const size = field<Bytes>({ type: 'string', format: 'size', pattern: sizePattern });
/** `1Mbit/s`, decoded to bytes a second. */
export const rate = field<BytesPerSecond>({ type: 'string', format: 'rate', pattern: ratePattern });
/** `50%`, decoded to 0..1. */
export const share = field<number>({
  type: 'string',
  format: 'share',
  pattern: '^(?:100(?:\\.0+)?|[0-9]{1,2}(?:\\.[0-9]+)?)%$',
});
/** Programs and their arguments: never run by a shell. */
export const argv = field<string[], string[]>({ type: 'array', items: { type: 'string' }, minItems: 1 });
/** Decoded as written. */
export const textMap = field<Record<string, string>, JsonObject>({
  type: 'object',
  additionalProperties: { type: 'string' },
});
/** Names of the author's own, each with any value. `propertyNames` says what a name looks like. */
export const valueMap = field<Record<string, JsonValue>, JsonObject, { propertyNames?: JsonSchema }>({
  type: 'object',
  additionalProperties: true,
});
/** Anything that JSON can hold. */
export const anything = field<JsonValue, JsonValue>({});

/** One of some words. */
export function choice<const W extends string>(words: readonly W[]) {
  return field<W, W>({ type: 'string', enum: [...words] });
}

/** A nested record of fields. */
export function record<F extends Fields>(fields: F) {
  return field<Decoded<F>, JsonObject>(objectSchema(fields));
}

/** One or more of what a field describes. */
export function list<T>(item: Field<T>) {
  return field<T[], JsonValue[]>({ type: 'array', items: item.schema, minItems: 1 });
}

/** A value that one of several fields describes; what arrives is whatever the matching one decodes to. */
export function either<A, B>(first: Field<A>, second: Field<B>) {
  return field<A | B, JsonValue>({ anyOf: [first.schema, second.schema] });
}

/** The JSON Schema of a record: unknown keys are refused, fields without default and not optional are required. */
export function objectSchema(fields: Fields): JsonSchema {
  const required = Object.entries(fields)
    .filter(([, one]) => !one.optional && !('default' in one.schema) && !('drawn' in one.schema))
    .map(([key]) => key);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([key, one]) => [key, one.schema])),
    additionalProperties: false,
    ...(required.length ? { required } : {}),
  };
}
