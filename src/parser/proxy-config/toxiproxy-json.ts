import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Places, Pointer } from '../../model/place.ts';
import { isObject } from '../parameters.ts';

/**
 * A list of proxies as Toxiproxy reads it, which is as Go's encoding/json does: keys in any case, the last of those that
 * differ by nothing else; unknown ones are passed over; null, and an empty text, are as good as absent. Toxics, which
 * Toxiproxy passes over too, are ours, and stay as they are.
 */
export function asToxiproxyReads(list: JsonValue[], places: Places): { list: JsonValue[]; places: Places } {
  return {
    list: list.map((one) => (isObject(one) ? known(one) : one)),
    places: moved(places, (pointer) => {
      const [root, index, key, ...rest] = pointer.split('/');
      return key === undefined ? pointer : [root, index, folded(key), ...rest].join('/');
    }),
  };
}

/** The same places by other pointers. */
export function moved({ file, values, keys }: Places, to: (pointer: Pointer) => Pointer): Places {
  const all = <T>(places: Record<Pointer, T>): Record<Pointer, T> => {
    const result: Record<Pointer, T> = Object.create(null);
    for (const [pointer, place] of Object.entries(places)) result[to(pointer)] = place;
    return result;
  };
  return { file, values: all(values), keys: all(keys) };
}

const keysOfProxies = ['name', 'listen', 'upstream', 'enabled', 'toxics'];

const folded = (key: string): string => keysOfProxies.find((one) => one === key.toLowerCase()) ?? key;

function known(proxy: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [written, value] of Object.entries(proxy)) {
    const key = folded(written);
    if (keysOfProxies.includes(key) && value !== null && value !== '') result[key] = value;
  }
  return result;
}
