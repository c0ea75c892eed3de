import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Pointer } from '../model/place.ts';
import { type Findings, join } from './findings.ts';
import type { Parameters } from './parameters.ts';
import { hintFor } from './suggest.ts';

/** A scenario with its parameters in place. */
export interface Substituted {
  value: JsonValue;
  /** Values that depend on a parameter that has none yet: nothing can be said of them. */
  unknown: Set<Pointer>;
}

/** Names that the run fills in. `entry` exists in ledgers only. */
const givenByTheRun = ['run', 'entry'];
const reference = /\$(\$?)\{([^{}]*)\}/g;

/**
 * Puts values in the place of `${name}`; `$${` stands for `${`. Values only, no keys, no code, and what was put in is not
 * looked at again. A scalar that is just `${name}` takes the parameter's type.
 */
export function substitute(value: JsonValue, parameters: Parameters, findings: Findings): Substituted {
  const unknown = new Set<Pointer>();
  const lookUp = (name: string, pointer: Pointer) => {
    if (parameters.values.has(name)) {
      const found = parameters.values.get(name);
      if (found === undefined) unknown.add(pointer);
      return found;
    }
    refuse(name, pointer, parameters, findings);
    unknown.add(pointer); // told once is enough
    return undefined;
  };
  const text = (written: string, pointer: Pointer): JsonValue => {
    if (!written.includes('${')) return written;
    const whole = /^\$\{([^{}]*)\}$/.exec(written)?.[1];
    if (whole !== undefined && !isLeft(whole, pointer)) return lookUp(whole, pointer) ?? written;
    return written.replace(reference, (all, escaped: string, name: string) => {
      if (escaped) return all.slice(1);
      return isLeft(name, pointer) ? all : String(lookUp(name, pointer) ?? all);
    });
  };
  const walk = (one: JsonValue, pointer: Pointer): JsonValue => {
    if (typeof one === 'string') return text(one, pointer);
    if (Array.isArray(one)) return one.map((item, index) => walk(item, join(pointer, index)));
    if (typeof one !== 'object' || one === null) return one;
    const object = Object.create(null) as JsonObject;
    for (const [key, member] of Object.entries(one)) {
      const at = join(pointer, key);
      object[key] = at === '/parameters' ? member : walk(member, at);
    }
    return object;
  };
  return { value: walk(value, ''), unknown };
}

const isLeft = (name: string, pointer: Pointer): boolean =>
  name === 'run' || (name === 'entry' && pointer.includes('/ledger/'));

function refuse(name: string, pointer: Pointer, { values }: Parameters, findings: Findings): void {
  if (/^(?:env|secret)\./.test(name))
    findings.value(
      pointer,
      'not-supported',
      `"\${${name}}" is not supported yet`,
      'declare a parameter and give it with --set',
    );
  else if (name === 'entry')
    findings.value(pointer, 'unknown-parameter', '"${entry}" has a meaning only inside a ledger');
  else
    findings.value(
      pointer,
      'unknown-parameter',
      `there is no parameter "${name}"`,
      hintFor(name, [...values.keys(), ...givenByTheRun.slice(0, 1)], 'parameters'),
    );
}
