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
