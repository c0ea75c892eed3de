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

/** Names that the run fills in; others than `run` only in the probes that have them. */
const givenByTheRun = ['run', 'entry'];
/** Variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

const reference = /\$(\$?)\{([^{}]*)\}/g;

/**
 * Puts values in the place of `${name}`; `$${` stands for `${`. Values only, no keys, no code, and what was put in is not
 * looked at again. A scalar that is just `${name}` takes the parameter's type.
 */
export function substitute(
  value: JsonValue,
  parameters: Parameters,
  findings: Findings,
  environment: Environment | undefined,
): Substituted {
  const unknown = new Set<Pointer>();
  const lookUp = (name: string, pointer: Pointer) => {
    if (parameters.values.has(name)) {
      const found = parameters.values.get(name);
      if (found === undefined) unknown.add(pointer);
      return found;
    }
    const variable = /^env\.(.+)$/.exec(name)?.[1];
    const found = variable === undefined ? undefined : fromEnvironment(variable, pointer);
    if (found !== undefined) return found;
    if (variable === undefined) refuse(name, pointer, parameters, findings);
    unknown.add(pointer); // told once is enough
    return undefined;
  };
  const fromEnvironment = (variable: string, pointer: Pointer): string | undefined => {
    if (!environment) parameters.missing.push(`env.${variable}`);
    else if (Object.hasOwn(environment, variable) && environment[variable] !== undefined) return environment[variable];
    else
      findings.value(
        pointer,
        'unset-variable',
        `the environment has no variable "${variable}"`,
        'set it, or use a parameter that has a default',
      );
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
  name === 'run' || isFilledIn(name, pointer) || (isSecret(name) && mayHoldSecret(pointer));

/** What a probe fills in itself, time after time, and which one does. */
const filledIn = new Map([
  ['entry', 'ledger'],
  ['value', 'register'],
  ['from', 'transfers'],
  ['to', 'transfers'],
]);
const isFilledIn = (name: string, pointer: Pointer): boolean => {
  const kind = filledIn.get(name);
  return kind !== undefined && pointer.includes(`/${kind}/`);
};

const isSecret = (name: string): boolean => /^secret\.[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** Where values are used and not shown: programs with their environments, probes, and parameters of faults. */
const mayHoldSecret = (pointer: Pointer): boolean =>
  /^\/targets\/[^/]+\/(?:process|running)\/(?:command|env|ready|restart)\//.test(pointer) ||
  /^\/(?:steadyState|safety\/checklist)\/[0-9]+\/(?!id$|description$|confirm$)/.test(pointer) ||
  /^\/timeline\/.*\/(?:run|await|assert|with)(?:\/|$)/.test(pointer) ||
  /^\/recovery\/until\//.test(pointer);

function refuse(name: string, pointer: Pointer, { values }: Parameters, findings: Findings): void {
  if (name.startsWith('secret.'))
    findings.value(
      pointer,
      'misplaced-secret',
      isSecret(name)
        ? `a secret has no place here: it would be shown`
        : `"${name.slice(7)}" cannot be the name of a secret`,
      isSecret(name)
        ? 'it may stand in programs and their environments, in probes, and in parameters of faults'
        : 'letters, digits and _',
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
