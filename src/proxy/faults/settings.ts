import type { JsonObject } from '../../model/json.ts';

/** The settings of a fault are wrong; the message says which and what is allowed. */
export class SettingsError extends Error {}

/** @throws SettingsError unless it is a number within [from, to] */
export function numberWithin(settings: JsonObject, name: string, from: number, to: number): number {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (typeof value === 'number' && value >= from && value <= to) return value;
  throw new SettingsError(`${name} is ${JSON.stringify(value)}, expected a number from ${from} to ${to}`);
}

/** @throws SettingsError unless it is one of the words */
export function oneOf<const W extends string>(settings: JsonObject, name: string, words: readonly W[]): W {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  const word = words.find((one) => one === value);
  if (word !== undefined) return word;
  throw new SettingsError(`${name} is ${JSON.stringify(value)}, expected one of ${words.join(', ')}`);
}

/** @throws SettingsError unless it is text */
export function textOf(settings: JsonObject, name: string): string {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (typeof value === 'string') return value;
  throw new SettingsError(`${name} is ${JSON.stringify(value)}, expected text`);
}

/** @throws SettingsError unless it is an object */
export function objectOf(settings: JsonObject, name: string): JsonObject {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new SettingsError(`${name} is ${JSON.stringify(value)}, expected an object`);
}

/** @throws SettingsError unless it is absent or a list of texts */
export function optionalTexts(settings: JsonObject, name: string): string[] | undefined {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((one): one is string => typeof one === 'string')) return value;
  throw new SettingsError(`${name} is ${JSON.stringify(value)}, expected a list of texts`);
}

/** @returns nothing for an absent one @throws SettingsError unless it is names with texts */
export function optionalTextMap(settings: JsonObject, name: string): Record<string, string> {
  const value = Object.hasOwn(settings, name) ? settings[name] : {};
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isMap && Object.values(value).every((one) => typeof one === 'string')) return value as Record<string, string>;
  throw new SettingsError(`${name} is ${JSON.stringify(value)}, expected names with texts`);
}

/** @throws SettingsError unless it is absent or a whole number from 1 on */
export function optionalCount(settings: JsonObject, name: string): number | undefined {
  const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new SettingsError(`${name} is ${JSON.stringify(value)}, expected a whole number from 1 on`);
}
