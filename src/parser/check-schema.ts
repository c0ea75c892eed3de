import type { JsonSchema } from '../model/field.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Pointer } from '../model/place.ts';
import type { Findings } from './findings.ts';
import { join } from './findings.ts';
import { isObject } from './parameters.ts';
import { stepKinds } from './schema/kinds.ts';
import { hintFor, nearest } from './suggest.ts';
import { valueAt } from './value-at.ts';

/** What ajv says of one violation. */
interface AjvError {
  instancePath: Pointer;
  /** `#/definitions/step/properties/for/pattern`: always from the root of the schema. */
  schemaPath: string;
  keyword: string;
  params: Record<string, unknown>;
  propertyName?: string;
}

/** With the schema that is violated, and the value that violates it. */
interface Violation extends AjvError {
  schema: JsonObject;
  data: JsonValue;
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

/** What a kind of file is held against. */
export interface FileKind {
  /** Made of the schema beforehand. */
  validate: ((value: unknown) => boolean) & { errors?: object[] | null };
  schema(): JsonSchema;
  /** What stands at a pointer, as a person would call it. */
  describe(pointer: Pointer, file: JsonValue): string;
}

/** Holds a file against its schema; each violation is told in the author's words. */
export function checkSchema(
  file: JsonValue,
  { validate, schema: schemaOf, describe }: FileKind,
  unknown: ReadonlySet<Pointer>,
  findings: Findings,
): void {
  if (validate(file)) return;
  // The validator itself knows nothing of descriptions and examples: that keeps every start quick.
  const root = schemaOf() as JsonObject;
  const errors = (validate.errors ?? []) as unknown as AjvError[];
  // The most telling first: at one place only the first is kept.
  for (const error of errors.filter(isTelling).sort((a, b) => rank(a) - rank(b))) {
    if (unknown.has(error.instancePath)) continue;
    const schema = valueAt(root, pointerOf(error.schemaPath.slice(1, error.schemaPath.lastIndexOf('/')))) as JsonObject;
    tell(
      { ...error, schema, data: valueAt(file, error.instancePath) ?? null },
      (pointer) => describe(pointer, file),
      findings,
    );
  }
}

/** A `$ref` counts as what it refers to. */
const pointerOf = (schemaPath: string): Pointer => decodeURIComponent(schemaPath);

/** Branches of if, anyOf and oneOf complain about what another branch allows. */
const isTelling = ({ keyword, schemaPath, propertyName }: AjvError): boolean =>
  keyword !== 'if' &&
  propertyName === undefined &&
  !/\/(?:anyOf|oneOf|propertyNames)\//.test(schemaPath.replace(/\/properties\/(?:anyOf|oneOf|propertyNames)/g, ''));

const order = ['propertyNames', 'additionalProperties', 'required', 'type'];
const rank = ({ keyword }: AjvError): number => (order.includes(keyword) ? order.indexOf(keyword) : order.length);

type Describe = (pointer: Pointer) => string;

function tell(violation: Violation, describe: Describe, findings: Findings) {
  const { instancePath: pointer, keyword, params, schema, data } = violation;
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(
        pointer,
        params.additionalProperty as string,
        Object.keys(isObject(schema.properties) ? schema.properties : {}),
        describe,
        findings,
      );
    case 'propertyNames':
      return badName(pointer, params.propertyName as string, violation, describe, findings);
    case 'required':
      if (findings.isMisspelt(pointer, [params.missingProperty as string])) return;
      return findings.value(
        pointer,
        'missing-key',
        `${describe(pointer)} needs "${params.missingProperty}"`,
        described(schema, params.missingProperty as string),
      );
    case 'type':
    case 'anyOf':
    case 'pattern':
    case 'enum':
    case 'const':
      return wrongValue(
        pointer,
        data,
        keyword === 'type' ? { ...schema, pattern: undefined as never } : schema,
        keyword,
        findings,
      );
    case 'minLength':
      return findings.value(pointer, 'empty', 'this may not be empty', exampleOf(schema));
    case 'minItems':
      return findings.value(pointer, 'empty', 'this list may not be empty', exampleOf(schema));
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

function badName(pointer: Pointer, name: string, { schema, data }: Violation, describe: Describe, findings: Findings) {
  // Of a step that does two things neither half is wrong by itself.
  if (isObject(data) && stepKinds.filter((kind) => Object.hasOwn(data, kind)).length > 1) return;
  const { propertyNames: names } = schema;
  if (isObject(names) && Array.isArray(names.enum))
    return unknownKey(pointer, name, names.enum as string[], describe, findings);
  if (pointer.endsWith('/expect/json'))
    return findings.key(join(pointer, name), 'json-path', `"${name}" is no JSONPath`, 'a JSONPath looks like $.status');
  findings.key(
    join(pointer, name),
    'name',
    `"${name}" cannot be a name`,
    'a name is made of letters, digits, "-", "_" and "."',
  );
}

function unknownKey(pointer: Pointer, key: string, allowed: string[], describe: Describe, findings: Findings) {
  const meant = meantBy(key, allowed);
  if (meant) findings.misspelt(pointer, meant);
  const where = describe(pointer);
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
  rate: 'a rate looks like 1Mbit/s or 10MB/s, and is more than 0',
  share: 'a share looks like 50%',
  address: 'an address looks like 127.0.0.1:7432 or [::1]:7432',
  endpoint: 'an endpoint looks like 127.0.0.1:7432, [::1]:7432 or unix:/run/app.sock',
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
