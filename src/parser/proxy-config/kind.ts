import type { JsonValue } from '../../model/json.ts';
import type { Pointer } from '../../model/place.ts';
import type { FileKind } from '../check-schema.ts';
import { validate } from '../generated/validate-proxy.js';
import { isObject } from '../parameters.ts';
import { valueAt } from '../value-at.ts';
import { proxyConfigSchema } from './schema.ts';

export const proxyConfigKind: FileKind = { validate, schema: proxyConfigSchema, describe };

function describe(pointer: Pointer, file: JsonValue): string {
  const parts = pointer.slice(1).split('/');
  const value = valueAt(file, pointer);
  if (pointer === '') return 'a config';
  if (parts.length === 2) return 'a proxy';
  const type = isObject(value) && typeof value.type === 'string' ? `${value.type} ` : '';
  if (parts.at(-2) === 'toxics') return `a ${type}toxic`;
  return `"${parts.at(-1)}"`;
}
