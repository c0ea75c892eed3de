import type { JsonValue } from '../model/json.ts';
import type { Pointer } from '../model/place.ts';
import { isObject } from './parameters.ts';

/** What stands at a pointer. */
export function valueAt(root: JsonValue, pointer: Pointer): JsonValue | undefined {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<JsonValue | undefined>(
      (value, key) => (isObject(value) ? value[key] : Array.isArray(value) ? value[Number(key)] : undefined),
      root,
    );
}
