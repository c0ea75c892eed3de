import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Places, Pointer } from '../../model/place.ts';
import { Findings, join } from '../findings.ts';
import { Lines } from '../yaml/lines.ts';
import type { Tree } from '../yaml/tree.ts';

const mostDepth = 100;

/**
 * Reads JSON (RFC 8259), with the place of everything in it. Of a key that stands twice the last counts, as for most who
 * read JSON. Objects have no prototype. Never throws for what stands in the text; what is not JSON is one finding.
 */
export function readJson(text: string, file: string): Tree {
  const lines = new Lines(text);
  const places: Places = { file, values: Object.create(null), keys: Object.create(null) };
  const findings = new Findings(places);
  try {
    return { value: new Reader(text, lines, places).all(), places, findings };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    findings.at(lines.place(error.at, error.at + 1), 'json', `this is broken JSON: ${error.message}`);
    return { value: undefined, places, findings };
  }
}

class Broken extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

class Reader {
  readonly #text: string;
  readonly #lines: Lines;
  readonly #places: Places;
  #at = 0;

  constructor(text: string, lines: Lines, places: Places) {
    this.#text = text;
    this.#lines = lines;
    this.#places = places;
  }

  all(): JsonValue {
    const value = this.#value('', 0);
    if (this.#next() !== '') throw new Broken(this.#at, 'nothing may stand behind its end');
    return value;
  }

  #value(pointer: Pointer, depth: number): JsonValue {
    const next = this.#next();
    const from = this.#at;
    if (depth > mostDepth) throw new Broken(from, `it is nested more than ${mostDepth} levels deep`);
    const value =
      next === '{' ? this.#object(pointer, depth) : next === '[' ? this.#list(pointer, depth) : this.#scalar('a value');
    this.#places.values[pointer] = this.#lines.place(from, this.#at);
    return value;
  }

  #object(pointer: Pointer, depth: number): JsonObject {
    const object: JsonObject = Object.create(null);
    this.#members('}', () => {
      this.#next();
      const from = this.#at;
      const key = this.#scalar('a key in quotes');
      if (typeof key !== 'string') throw new Broken(from, 'a key stands in quotes');
      const member = join(pointer, key);
      this.#places.keys[member] = this.#lines.place(from, this.#at);
      if (this.#next() !== ':') throw new Broken(this.#at, 'expected ":" and a value');
      this.#at += 1;
      object[key] = this.#value(member, depth + 1);
    });
    return object;
  }

  #list(pointer: Pointer, depth: number): JsonValue[] {
    const list: JsonValue[] = [];
    this.#members(']', () => list.push(this.#value(join(pointer, list.length), depth + 1)));
    return list;
  }

  /** What stands between two brackets, with commas. */
  #members(end: ']' | '}', read: () => void): void {
    this.#at += 1;
    if (this.#next() !== end) {
      read();
      while (this.#next() === ',') {
        this.#at += 1;
        read();
      }
    }
    if (this.#next() !== end) throw new Broken(this.#at, `expected "," or "${end}"`);
    this.#at += 1;
  }

  #scalar(expected: string): JsonValue {
    const from = this.#at;
    const to = this.#text[from] === '"' ? this.#endOfString(from) : this.#endOfWord(from);
    if (to === from) throw new Broken(from, `expected ${expected}`);
    try {
      const value = JSON.parse(this.#text.slice(from, to)) as JsonValue;
      this.#at = to;
      return value;
    } catch {
      throw new Broken(from, `expected ${expected}`);
    }
  }

  /** Behind its quotes. */
  #endOfString(from: number): number {
    let at = from + 1;
    while (at < this.#text.length && this.#text[at] !== '"') at += this.#text[at] === '\\' ? 2 : 1;
    if (at >= this.#text.length) throw new Broken(from, "the text that '\"' began is not closed");
    return at + 1;
  }

  #endOfWord(from: number): number {
    word.lastIndex = from;
    return word.test(this.#text) ? word.lastIndex : from;
  }

  /** What comes next, white space left out; nothing at the end. */
  #next(): string {
    space.lastIndex = this.#at;
    space.test(this.#text);
    this.#at = space.lastIndex;
    return this.#text[this.#at] ?? '';
  }
}

const space = /[ \t\r\n]*/y;
const word = /[^\s"[\]{},:]+/y;
