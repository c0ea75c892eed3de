import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Place, Places, Pointer } from '../../model/place.ts';
import { Findings, join } from '../findings.ts';
import { aScenario, type Called } from './called.ts';
import { Lines } from './lines.ts';

/** A YAML file as plain data, with the place of everything in it. Objects have no prototype. */
export interface Tree {
  value: JsonValue | undefined;
  places: Places;
  findings: Findings;
}

/** Nodes that aliases may add up to: enough for a hundred uses of an anchor, too little for a bomb. */
const mostNodes = 500_000;
const mostDepth = 100;

/** Reads YAML 1.2. Never throws for what stands in the text. */
export function readTree(text: string, file: string, called: Called = aScenario): Tree {
  const empty = (): void =>
    findings.at(
      { line: 1, column: 1, length: 1 },
      'empty',
      'the file is empty',
      `a ${called.one} begins with "${called.beginning}"`,
    );
  const lines = new Lines(text);
  const places: Places = { file, values: Object.create(null), keys: Object.create(null) };
  const findings = new Findings(places);
  const tree: Tree = { value: undefined, places, findings };
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    findings.at(lines.place(nul, nul + 1), 'nul', 'the file holds a NUL character: it is not a text');
    return tree;
  }
  if (tooDeep(text)) {
    findings.at({ line: 1, column: 1, length: 1 }, 'too-deep', `the file is nested more than ${mostDepth} levels deep`);
    return tree;
  }
  const documents = parseAllDocuments(text, {
    prettyErrors: false,
    stringKeys: true,
    merge: false,
    uniqueKeys: false,
    intAsBigInt: false,
    keepSourceTokens: false,
  });
  if (!Array.isArray(documents) || documents.length === 0) {
    empty();
    return tree;
  }
  const [document, second] = documents;
  if (second)
    findings.at(
      lines.place(second.range?.[0] ?? 0, (second.range?.[0] ?? 0) + 3),
      'several-documents',
      `a file holds one ${called.one}; here begins a second document`,
    );
  for (const problem of [...document!.errors, ...document!.warnings])
    findings.at(
      lines.place(...problem.pos),
      'yaml',
      yamlMessage(problem.code, problem.message, called),
      yamlHint(problem.code),
    );
  if (document!.directives?.yaml.explicit && document!.directives.yaml.version !== '1.2')
    findings.at(
      { line: 1, column: 1, length: 9 },
      'yaml-version',
      `${called.many} are YAML 1.2: another %YAML version changes what words like "on" mean`,
    );
  if (document!.errors.length > 0) return tree;
  const converter = new Converter(places, findings, { lines, text, called });
  const contents = document!.contents as Node | null;
  if (contents === null && findings.isEmpty) empty();
  else if (contents) tree.value = converter.convert(contents, '', 0);
  return tree;
}

class Converter {
  readonly #places: Places;
  readonly #findings: Findings;
  readonly #lines: Lines;
  readonly #text: string;
  readonly #called: Called;
  readonly #anchors = new Map<string, Node>();
  /** Nodes that are being converted: an alias to one of them never ends. */
  readonly #open = new Set<Node>();
  #nodes = 0;
  #isBomb = false;

  constructor(
    places: Places,
    findings: Findings,
    { lines, text, called }: { lines: Lines; text: string; called: Called },
  ) {
    this.#places = places;
    this.#findings = findings;
    this.#lines = lines;
    this.#text = text;
    this.#called = called;
  }

  convert(node: Node, pointer: Pointer, depth: number): JsonValue {
    this.#places.values[pointer] ??= this.#placeOf(node);
    if (this.#isBomb) return null;
    this.#nodes += 1;
    if (this.#nodes > mostNodes || depth > mostDepth) {
      this.#isBomb = true;
      this.#findings.value(
        pointer,
        'too-much',
        depth > mostDepth
          ? `this is nested more than ${mostDepth} levels deep`
          : 'aliases multiply this file to more than half a million values',
      );
      return null;
    }
    if (isAlias(node)) return this.#alias(node, pointer, depth);
    if ('anchor' in node && node.anchor) this.#anchors.set(node.anchor, node);
    this.#open.add(node);
    const value = isMap(node)
      ? this.#map(node, pointer, depth)
      : isSeq(node)
        ? this.#seq(node, pointer, depth)
        : this.#scalar(node as Scalar, pointer);
    this.#open.delete(node);
    return value;
  }

  #alias(alias: Alias, pointer: Pointer, depth: number): JsonValue {
    const source = this.#anchors.get(alias.source);
    if (!source)
      this.#findings.value(pointer, 'unknown-anchor', `there is no anchor "&${alias.source}" before this alias`);
    else if (this.#open.has(source))
      this.#findings.value(pointer, 'endless-alias', `"*${alias.source}" stands inside what it stands for`);
    else return this.convert(source, pointer, depth + 1);
    return null;
  }

  #map(map: YAMLMap, pointer: Pointer, depth: number): JsonValue {
    const object = Object.create(null) as JsonObject;
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = this.#key(pair.key, pointer);
      if (key === undefined) continue;
      const member = join(pointer, key);
      const place = this.#placeOf(pair.key);
      if (key in object) {
        this.#findings.at(place, 'duplicate-key', `the key "${key}" stands here twice`, 'keep one of them', [
          { message: 'the first is here', place: this.#places.keys[member]! },
        ]);
        continue;
      }
      this.#places.keys[member] = place;
      if (!pair.value) this.#places.values[member] = place;
      object[key] = pair.value ? this.convert(pair.value, member, depth + 1) : null;
    }
    return object;
  }

  #key(key: Node, pointer: Pointer): string | undefined {
    if (!isScalar(key) || typeof key.value !== 'string') {
      this.#findings.at(this.#placeOf(key), 'key', 'a key is a word');
      return undefined;
    }
    if (key.value === '__proto__' || (key.value === '<<' && pointer !== undefined)) {
      this.#findings.at(
        this.#placeOf(key),
        'key',
        key.value === '<<' ? 'merge keys are not supported' : `"${key.value}" cannot be a key`,
      );
      return undefined;
    }
    return key.value;
  }

  #seq(seq: YAMLSeq, pointer: Pointer, depth: number): JsonValue {
    return (seq.items as (Node | null)[]).map((item, index) =>
      item ? this.convert(item, join(pointer, index), depth + 1) : null,
    );
  }

  #scalar(scalar: Scalar, pointer: Pointer): JsonValue {
    const { value } = scalar;
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) this.#findings.value(pointer, 'number', 'this is not a number that can be used');
      else if (Number.isInteger(value) && !Number.isSafeInteger(value))
        this.#findings.value(
          pointer,
          'number',
          'this number has more digits than can be kept',
          'put it in quotes to keep it as a text',
        );
      return Number.isFinite(value) ? value : 0;
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (value === undefined) return null;
    this.#findings.value(pointer, 'type', `this kind of value is not used in ${this.#called.many}`);
    return null;
  }

  #placeOf(node: Node): Place {
    const [from, to] = node.range ?? [0, 1];
    return this.#lines.place(from, Math.max(to, from + 1) - (this.#text[to - 1] === '\n' ? 1 : 0));
  }
}

function yamlMessage(code: string, message: string, { many }: Called): string {
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent YAML';
  if (code === 'TAG_RESOLVE_FAILED') return `tags are not used in ${many}`;
  if (code === 'NON_STRING_KEY') return 'a key is a word';
  const open = / and end with a ([\]}])/.exec(message);
  if (open)
    return `the ${open[1] === ']' ? 'list that "[" began' : 'map that "{" began'} is not closed by "${open[1]}"`;
  return `this is not YAML: ${message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')}`;
}

const yamlHint = (code: string): string | undefined =>
  code === 'TAB_AS_INDENT'
    ? 'use spaces'
    : code === 'TAG_RESOLVE_FAILED'
      ? 'leave the tag out, and put a text in quotes'
      : undefined;

/** The yaml package is recursive: what would overflow its stack is refused before it reads it. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === 0x5b || character === 0x7b) depth += 1;
    else if (character === 0x5d || character === 0x7d) depth = Math.max(0, depth - 1);
    if (depth > 1000) return true;
  }
  return /^(?:[-?:] ){1000}/m.test(text) || /^ {20000}/m.test(text);
}
