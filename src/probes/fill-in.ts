import type { JsonValue } from '../model/json.ts';

/** Puts what the run gives (`${run}`, `${entry}`) in its places, in every text of a value. Other names stay as they are; keys too. */
export function fillIn<T>(value: T, given: Readonly<Record<string, string>>): T {
  return filled(value as JsonValue, given) as T;
}

function filled(value: JsonValue, given: Readonly<Record<string, string>>): JsonValue {
  if (typeof value === 'string')
    return value.replaceAll(/\$\{([a-z]+)\}/g, (placeholder, name: string) =>
      Object.hasOwn(given, name) ? given[name]! : placeholder,
    );
  if (Array.isArray(value)) return value.map((one) => filled(one, given));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, given)]));
  return value;
}
