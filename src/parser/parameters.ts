import { parseDuration } from '../model/duration.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { parseSize } from '../model/size.ts';
import { type Findings, join } from './findings.ts';
import { hintFor } from './suggest.ts';

export const parameterTypes = ['string', 'number', 'integer', 'boolean', 'duration', 'size', 'share', 'port'] as const;
type ParameterType = (typeof parameterTypes)[number];
export type ParameterValue = string | number | boolean;

/** What the parameters of a scenario are in this run. */
export interface Parameters {
  /** `undefined`: known by name only; its value has to be given. */
  values: Map<string, ParameterValue | undefined>;
  /** Ports that are left to us and were not given. */
  automaticPorts: string[];
  missing: string[];
}

/** Stands in for a port until the real one is known. */
const placeholderPort = 1;

/** Reads `parameters` and what `--set` gave. What is malformed in the file is the schema's business. */
export function readParameters(
  declared: JsonValue | undefined,
  set: Record<string, string>,
  findings: Findings,
): Parameters {
  const parameters: Parameters = { values: new Map(), automaticPorts: [], missing: [] };
  const declarations = isObject(declared) ? declared : {};
  for (const [name, declaration] of Object.entries(declarations)) {
    if (!isObject(declaration)) continue;
    const given = Object.hasOwn(set, name) ? set[name] : undefined;
    parameters.values.set(name, valueFrom(name, declaration, given, parameters, findings));
  }
  for (const name of Object.keys(set))
    if (!parameters.values.has(name))
      findings.value(
        '/parameters',
        'unknown-parameter',
        `--set names "${name}", which is no parameter of this scenario`,
        hintFor(name, parameters.values.keys(), 'parameters'),
      );
  return parameters;
}

function valueFrom(
  name: string,
  declaration: JsonObject,
  given: string | undefined,
  parameters: Parameters,
  findings: Findings,
): ParameterValue | undefined {
  const type = declaration.type as ParameterType;
  const pointer = join('/parameters', name);
  if (given !== undefined) {
    const value = read(type, given);
    const problem = value === undefined ? `"${given}" is no ${type}` : outOfBounds(value, declaration);
    if (problem !== undefined)
      findings.value(pointer, 'parameter', `--set ${name}=${given}: ${problem}`, looksLike[type]);
    return value;
  }
  const { default: standard } = declaration;
  if (type === 'port' && standard === 'auto') {
    parameters.automaticPorts.push(name);
    return placeholderPort;
  }
  if (standard === undefined) {
    parameters.missing.push(name);
    return undefined;
  }
  if (!parameterTypes.includes(type)) return undefined;
  const value = fits(type, standard) ? (standard as ParameterValue) : undefined;
  if (value === undefined) {
    findings.value(join(pointer, 'default'), 'parameter', `the default of "${name}" is no ${type}`, looksLike[type]);
    return undefined;
  }
  const problem = outOfBounds(value, declaration);
  if (problem !== undefined)
    findings.value(join(pointer, 'default'), 'parameter', `the default of "${name}" is out of bounds: ${problem}`);
  return value;
}

const looksLike: Record<ParameterType, string> = {
  string: 'a text',
  number: 'a number looks like 2.5',
  integer: 'an integer looks like 3',
  boolean: 'true or false',
  duration: 'a duration looks like 250ms, 5s, 2m, 1h30m',
  size: 'a size looks like 64MiB or 10MB',
  share: 'a share looks like 50%',
  port: 'a port is a number from 1 to 65535, or auto',
};

const share = /^(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]+)?)%$/;

/** Reads what was given on the command line. */
function read(type: ParameterType, text: string): ParameterValue | undefined {
  if (type === 'number' || type === 'integer' || type === 'port') {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    return fits(type, number) ? number : undefined;
  }
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  return fits(type, text) ? text : undefined;
}

function fits(type: ParameterType, value: JsonValue): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'duration':
      return typeof value === 'string' && parseDuration(value) !== undefined;
    case 'size':
      return typeof value === 'string' && parseSize(value) !== undefined;
    case 'share':
      return typeof value === 'string' && share.test(value);
    case 'port':
      return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65535;
    default:
      return false;
  }
}

function outOfBounds(value: ParameterValue, { minimum, maximum, enum: words }: JsonObject): string | undefined {
  if (typeof value === 'number' && typeof minimum === 'number' && value < minimum)
    return `${value} is less than ${minimum}`;
  if (typeof value === 'number' && typeof maximum === 'number' && value > maximum)
    return `${value} is more than ${maximum}`;
  if (Array.isArray(words) && !words.includes(value))
    return `${JSON.stringify(value)} is none of ${words.map((word) => JSON.stringify(word)).join(', ')}`;
  return undefined;
}

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
