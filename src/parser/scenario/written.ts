import type { Duration } from '../../model/duration.ts';
import { parseDuration } from '../../model/duration.ts';
import { type JsonObject, type JsonValue, textOf } from '../../model/json.ts';
import { isObject } from '../parameters.ts';

/*
 * Looks into what an author wrote without trusting its shape: what is malformed was told by the schema already, and
 * what is well-formed around it can still be checked.
 */

export const objectAt = (value: JsonObject, key: string): JsonObject =>
  isObject(value[key]) ? (value[key] as JsonObject) : {};
export const asObject = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
export const listAt = (value: JsonObject, key: string): JsonValue[] =>
  Array.isArray(value[key]) ? (value[key] as JsonValue[]) : [];
export const textAt = (value: JsonObject, key: string): string | undefined =>
  typeof value[key] === 'string' ? (value[key] as string) : undefined;
export const numberAt = (value: JsonObject, key: string): number | undefined =>
  typeof value[key] === 'number' ? (value[key] as number) : undefined;

export function durationAt(value: JsonObject, key: string): Duration | undefined;
export function durationAt(value: JsonObject, key: string, standard: Duration): Duration;
export function durationAt(value: JsonObject, key: string, standard?: Duration): Duration | undefined {
  return parseDuration(textOf(value[key])) ?? standard;
}

/** Numbers may stand in argv and environments without quotes. */
export const textsAt = (value: JsonObject, key: string): string[] => listAt(value, key).map(textOf);
export const textsByName = (value: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.entries(value).map(([name, one]) => [name, textOf(one)]));
