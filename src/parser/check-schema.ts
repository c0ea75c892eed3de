import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Pointer } from '../model/place.ts';
import type { Findings } from './findings.ts';
import { join } from './findings.ts';
import { validate } from './generated/validate-scenario.js';
import { measures } from './measures.ts';
import { isObject } from './parameters.ts';
import { stepKinds } from './schema/kinds.ts';
import { hintFor, nearest } from './suggest.ts';

/** What ajv says of one violation; `verbose` gives the schema and the value with it. */
export interface Violation {
  instancePath: Pointer;
  schemaPath: string;
  keyword: string;
  params: Record<string, unknown>;
  parentSchema: JsonObject;
  schema: JsonValue;
  data: JsonValue;
  propertyName?: string;
}

/** Words that people try first, and what they are called here. */
const synonyms: Record<string, string> = {
  duration: 'for',
  hold: 'for',
  wait: 'pause',
  sleep: 'pause',
  delay: 'pause',
  timeout: 'within',
  depends: 'after',
  dependsOn: 'needs',
  depends_on: 'needs',
  interval: 'every',
  rate: 'every',
  params: 'with',
  parameters: 'with',
  args: 'with',
  fault: 'inject',
  cmd: 'command',
  exec: 'command',
  steps: 'timeline',
  method: 'timeline',
  hypothesis: 'steadyState',
  probes: 'steadyState',
  title: 'name',
  environment: 'env',
  status: 'expect',
  tolerance: 'expect',
};

/** Holds a scenario against the schema; each violation is told in the author's words. */
export function checkSchema(scenario: JsonValue, unknown: ReadonlySet<Pointer>, findings: Findings): void {
  if (validate(scenario)) return;
  const violations = (validate.errors ?? []) as unknown as Violation[];
  // The most telling first: at one place only the first is kept.
  for (const violation of violations.filter(isTelling).sort((a, b) => rank(a) - rank(b)))
    if (!unknown.has(violation.instancePath)) tell(violation, scenario, findings);
}

/** Branches of if, anyOf and oneOf complain about what another branch allows. */
const isTelling = ({ keyword, schemaPath, propertyName }: Violation): boolean =>
  keyword !== 'if' &&
  propertyName === undefined &&
  !/\/(?:anyOf|oneOf|propertyNames)\//.test(schemaPath.replace(/\/properties\/(?:anyOf|oneOf|propertyNames)/g, ''));

const order = ['propertyNames', 'additionalProperties', 'required', 'type'];
const rank = ({ keyword }: Violation): number => (order.includes(keyword) ? order.indexOf(keyword) : order.length);

function tell(violation: Violation, scenario: JsonValue, findings: Findings) {
  const { instancePath: pointer, keyword, params, parentSchema, data } = violation;
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(
        pointer,
        params.additionalProperty as string,
        Object.keys(isObject(parentSchema.properties) ? parentSchema.properties : {}),
        scenario,
        findings,
      );
    case 'propertyNames':
      return badName(pointer, params.propertyName as string, violation, scenario, findings);
    case 'required':
      if (findings.isMisspelt(pointer, [params.missingProperty as string])) return;
      return findings.value(
        pointer,
        'missing-key',
        `${describe(pointer, scenario)} needs "${params.missingProperty}"`,
        described(parentSchema, params.missingProperty as string),
      );
    case 'type':
    case 'anyOf':
    case 'pattern':
    case 'enum':
    case 'const':
      return wrongValue(
        pointer,
        data,
        keyword === 'type' ? { ...parentSchema, pattern: undefined as never } : parentSchema,
        keyword,
        findings,
      );
    case 'minLength':
      return findings.value(pointer, 'empty', 'this may not be empty', exampleOf(parentSchema));
    case 'minItems':
      return findings.value(pointer, 'empty', 'this list may not be empty', exampleOf(parentSchema));
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
      return findings.value(
        pointer,
        'out-of-bounds',
        `${data} is out of bounds: it must be ${params.comparison} ${params.limit}`,
      );
    default:
      return findings.value(pointer, 'schema', `this is not as it has to be (${keyword})`);
  }
}

function badName(pointer: Pointer, name: string, { schema, data }: Violation, scenario: JsonValue, findings: Findings) {
  // Of a step that does two things neither half is wrong by itself.
  if (isObject(data) && stepKinds.filter((kind) => Object.hasOwn(data, kind)).length > 1) return;
  if (isObject(schema) && Array.isArray(schema.enum))
    return unknownKey(pointer, name, schema.enum as string[], scenario, findings);
  findings.key(
    join(pointer, name),
    'name',
    `"${name}" cannot be a name`,
    'a name is made of letters, digits, "-", "_" and "."',
  );
}

function unknownKey(pointer: Pointer, key: string, allowed: string[], scenario: JsonValue, findings: Findings) {
  const meant = meantBy(key, allowed);
  if (meant) findings.misspelt(pointer, meant);
  const where = describe(pointer, scenario);
  const takes = `${where} ${where.startsWith('the parameters') ? 'are' : 'takes'}: ${allowed.join(', ')}`;
  findings.key(
    join(pointer, key),
    'unknown-key',
    `unknown key "${key}" in ${where}`,
    meant ? `did you mean "${meant}"?  ${takes}` : takes,
  );
}

function meantBy(key: string, allowed: string[]): string | undefined {
  const near = nearest(key, allowed);
  if (near !== undefined) return near;
  const likeSynonym = Object.hasOwn(synonyms, key) ? key : nearest(key, Object.keys(synonyms));
  const synonym = likeSynonym === undefined ? undefined : synonyms[likeSynonym];
  return synonym !== undefined && allowed.includes(synonym) ? synonym : undefined;
}

function wrongValue(pointer: Pointer, data: JsonValue, schema: JsonObject, keyword: string, findings: Findings) {
  if (/\/inject$/.test(pointer) && keyword === 'enum') return; // told with the nearest fault
  const words = wordsOf(schema);
  const isForm = keyword === 'pattern' && !isParameterOnly(schema);
  const format = schema.format as string | undefined;
  if (words && typeof data === 'string')
    return findings.value(
      pointer,
      'unknown-word',
      `${shown(data)} is none of the words that can stand here`,
      hintFor(data, words, 'one of'),
    );
  if (keyword === 'const')
    return findings.value(
      pointer,
      'wrong-value',
      `${shown(data)} cannot stand here`,
      `write ${JSON.stringify(schema.const)}`,
    );
  if (format && looksLike[format])
    return findings.value(pointer, `not-a-${format}`, `${shown(data)} is no ${format}`, looksLike[format]);
  const expected = words ? `one of ${words.join(', ')}` : typesOf(schema);
  findings.value(
    pointer,
    isForm ? 'wrong-form' : 'wrong-type',
    isForm ? `${shown(data)} has not the form that is needed here` : `expected ${expected}, found ${kindOf(data)}`,
    exampleOf(schema),
  );
}

const looksLike: Record<string, string> = {
  duration: 'a duration looks like 250ms, 5s, 2m, 1h30m',
  size: 'a size looks like 64MiB or 10MB',
  share: 'a share looks like 50%',
  address: 'an address looks like 127.0.0.1:7432 or [::1]:7432',
  bound: 'a bound looks like ">= 99.9%" or "< 30s"',
};

function wordsOf({ enum: words, anyOf }: JsonObject): string[] | undefined {
  if (Array.isArray(words)) return words as string[];
  const first = Array.isArray(anyOf) ? (anyOf[0] as JsonObject) : undefined;
  return first && Array.isArray(first.enum) ? (first.enum as string[]) : undefined;
}

function typesOf({ type, anyOf, pattern }: JsonObject): string {
  if (Array.isArray(anyOf)) return [...new Set((anyOf as JsonObject[]).map(typesOf))].join(' or ');
  const types = [type].flat() as string[];
  // A string that may only be a parameter is not what is asked for.
  const asked =
    types.length > 1 && isParameterOnly({ pattern: pattern ?? null }) ? types.filter((one) => one !== 'string') : types;
  return asked.map((one) => names[one] ?? one).join(' or ');
}

/** Whether a text may stand there only as `${name}`. */
const isParameterOnly = ({ pattern }: JsonObject): boolean =>
  typeof pattern === 'string' && pattern.startsWith('^\\$\\{');

const names: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
  null: 'nothing',
};

function kindOf(data: JsonValue): string {
  if (data === null) return 'nothing';
  if (Array.isArray(data)) return 'a list';
  if (typeof data === 'object') return 'keys and values';
  return typeof data === 'string' ? `the text ${shown(data)}` : `${shown(data)}`;
}

function shown(data: JsonValue): string {
  const text = typeof data === 'object' ? kindOf(data) : JSON.stringify(data);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

function exampleOf({ examples, description }: JsonObject): string | undefined {
  const [example] = Array.isArray(examples) ? examples : [];
  if (example !== undefined) return `for example: ${typeof example === 'string' ? example : JSON.stringify(example)}`;
  return typeof description === 'string' ? description : undefined;
}

const described = ({ properties }: JsonObject, key: string): string | undefined => {
  const member = isObject(properties) ? properties[key] : undefined;
  return isObject(member) && typeof member.description === 'string' ? member.description : undefined;
};

/** What stands at a pointer, as a person would call it. */
function describe(pointer: Pointer, scenario: JsonValue): string {
  if (pointer === '') return 'a scenario';
  const parts = pointer.slice(1).split('/');
  const [top] = parts;
  const last = parts.at(-1)!;
  const value = parts.reduce<JsonValue | undefined>(
    (at, key) => (isObject(at) ? at[key] : Array.isArray(at) ? at[Number(key)] : undefined),
    scenario,
  );
  const isItem = /^[0-9]+$/.test(last);
  if (top === 'timeline' && isItem && isObject(value)) {
    if (typeof value.inject === 'string')
      return `${/^[aeiou]/.test(value.inject) ? 'an' : 'a'} ${value.inject} injection`;
    const kind = ['await', 'assert', 'run', 'pause', 'parallel', 'sequence'].find((one) => one in value);
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
  return `"${last}"`;
}
