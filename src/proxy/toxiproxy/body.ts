import type { JsonObject, JsonValue } from '../../model/json.ts';
import { badBody } from './api-error.ts';

/*
 * Bodies are read as Go's encoding/json reads them, which clients were written against: keys match in any case, unknown
 * ones are passed over, and `null` is as good as absent.
 */

/** @throws ApiError unless it is JSON */
export function parseBody(text: string): JsonValue {
  if (text.trim() === '') throw badBody('it is empty');
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw badBody((error as SyntaxError).message);
  }
}

/** @throws ApiError unless it is an object, or null */
export function objectIn(value: JsonValue, what = 'the body'): JsonObject {
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw badBody(`${what} must be an object`);
}

/** @throws ApiError unless it is a list, or null */
export function listIn(value: JsonValue): JsonValue[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  throw badBody('the body must be a list of proxies');
}

/** @returns `undefined` when it is absent or null */
export function member(object: JsonObject, name: string): JsonValue | undefined {
  const key = Object.keys(object).findLast((one) => one.toLowerCase() === name);
  return key === undefined ? undefined : (object[key] ?? undefined);
}

export const textIn = (object: JsonObject, name: string): string | undefined =>
  typed<string>(object, name, 'a text', (value) => typeof value === 'string');

export const flagIn = (object: JsonObject, name: string): boolean | undefined =>
  typed<boolean>(object, name, 'true or false', (value) => typeof value === 'boolean');

export const numberIn = (object: JsonObject, name: string): number | undefined =>
  typed<number>(
    object,
    name,
    'a number of 32 bits',
    (value) => typeof value === 'number' && Number.isFinite(Math.fround(value)),
  );

/** Of 64 bits, kept to 16 digits, so that what is told back is of 64 bits, too. */
export function wholeNumberIn(object: JsonObject, name: string): number | undefined {
  const value = typed<number>(
    object,
    name,
    'a whole number of 64 bits',
    (one) => Number.isInteger(one) && Math.abs(one as number) <= 2 ** 63,
  );
  return value === undefined ? undefined : Math.max(-most, Math.min(most, value));
}
const most = 2 ** 63 - 1024;

function typed<T extends JsonValue>(
  object: JsonObject,
  name: string,
  expected: string,
  is: (value: JsonValue) => boolean,
): T | undefined {
  const value = member(object, name);
  if (value === undefined || is(value)) return value as T | undefined;
  throw badBody(`${name} is ${JSON.stringify(value)}, expected ${expected}`);
}
