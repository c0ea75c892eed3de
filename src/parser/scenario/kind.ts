import type { JsonValue } from '../../model/json.ts';
import type { Pointer } from '../../model/place.ts';
import type { FileKind } from '../check-schema.ts';
import { validate } from '../generated/validate-scenario.js';
import { measures } from '../measures.ts';
import { isObject } from '../parameters.ts';
import { stepKinds } from '../schema/kinds.ts';
import { scenarioSchema } from '../schema/scenario-schema.ts';
import { valueAt } from '../value-at.ts';

export const scenarioKind: FileKind = { validate, schema: scenarioSchema, describe };

/** What stands at a pointer, as a person would call it. */
function describe(pointer: Pointer, scenario: JsonValue): string {
  if (pointer === '') return 'a scenario';
  const parts = pointer.slice(1).split('/');
  const [top] = parts;
  const last = parts.at(-1)!;
  const value = valueAt(scenario, pointer);
  const isItem = /^[0-9]+$/.test(last);
  if (isItem && ['await', 'assert', 'until'].includes(parts.at(-2)!)) return 'a probe';
  if (top === 'timeline' && isItem && isObject(value)) {
    if (typeof value.inject === 'string')
      return `${/^[aeiou]/.test(value.inject) ? 'an' : 'a'} ${value.inject} injection`;
    const kind = stepKinds.find((one) => one !== 'inject' && one in value);
    return kind ? `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind} step` : 'a step';
  }
  if (top === 'timeline' && last === 'with') return 'the parameters of this fault';
  if (top === 'objectives' && isItem && isObject(value))
    return measures.some((one) => one in value)
      ? `an objective on ${measures.find((one) => one in value)}`
      : 'an objective';
  if (top === 'targets' && parts.length === 2) return `the target "${last}"`;
  if (top === 'parameters' && parts.length === 2) return `the parameter "${last}"`;
  if (top === 'steadyState' && parts.length === 2) return 'a probe';
  if (parts[1] === 'abortWhen' && parts.length === 3) return 'a safeguard';
  if (parts[1] === 'checklist' && parts.length === 3) return 'an item of the checklist';
  return `"${last}"`;
}
