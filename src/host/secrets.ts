import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '../model/json.ts';

/*
 * A plan, its events and its journal hold `${secret.NAME}`; what it stands for is put in where it is used, at the last
 * moment, and taken out of whatever is written or shown.
 */

const reference = /\$\{secret\.([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** To hide shorter ones would hide half of what is written. */
export const shortestSecret = 6;

/** Values that are in use in this process, and how they are called. */
const known = new Map<string, string>();
/** Every form in which one may come back, the longest first. */
let forms: [form: string, name: string][] = [];

/** Names of the secrets that a value refers to. */
export const secretsIn = (value: unknown): string[] => [
  ...new Set([...(JSON.stringify(value) ?? '').matchAll(reference)].map(([, name]) => name!)),
];

/**
 * What a name stands for: a file of that name where services are given their credentials, else a variable of the
 * environment. One line end at the end of a file is not part of it.
 * @see systemd's CREDENTIALS_DIRECTORY; /run/secrets of containers
 */
export function secretNamed(name: string): string | undefined {
  const folders = [process.env.CREDENTIALS_DIRECTORY, '/run/secrets'];
  for (const folder of folders) {
    if (!folder) continue;
    try {
      return readFileSync(join(folder, name), 'utf8').replace(/\r?\n$/, '');
    } catch {
      // not there
    }
  }
  return process.env[name];
}

/** From now on these are taken out of whatever this process writes or shows. */
export function hideSecrets(names: string[]): void {
  for (const name of names) {
    const value = secretNamed(name);
    if (value !== undefined && value.length >= shortestSecret) known.set(value, name);
  }
  forms = [...known]
    .flatMap(([value, name]) => formsOf(value).map((form): [string, string] => [form, name]))
    .sort(([a], [b]) => b.length - a.length);
}

/**
 * The same with what its references stand for; in a URL, encoded as one takes it.
 * @throws with one line when a secret is not there
 */
export function revealed<T>(value: T): T {
  hideSecrets(secretsIn(value));
  return deep(value as JsonValue) as T;
}

function deep(value: JsonValue): JsonValue {
  if (typeof value === 'string') return inText(value);
  if (Array.isArray(value)) return value.map(deep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deep(one)]));
}

function inText(text: string): string {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  return text.replace(reference, (_, name: string) => {
    const value = secretNamed(name);
    if (value === undefined) throw new Error(`there is no secret ${name}`);
    return isUrl ? encodeURIComponent(value) : value;
  });
}

/** As it is, and as JSON, URLs and base64 (wherever in it it stands) write it. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // The characters at either end depend on what stands beside it.
    return whole.slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 4) / 3)).replace(/=+$/, '');
  });
  const all = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), ...base64];
  return [...new Set(all)].filter((form) => form.length >= shortestSecret);
}

/** A password in a URL, of whoever. */
const password = /([a-z][a-z0-9+.-]*:\/\/[^\s:@/"'\\<>]*):(?!\*\*\*@)([^\s@/"'\\<>]+)@/gi;

/** The text without secrets, and without passwords in URLs. */
export function masked(text: string): string {
  const bare = text.includes('://')
    ? text.replace(password, (all, before: string, word: string) => (isReference(word) ? all : `${before}:***@`))
    : text;
  return forms.reduce((so, [form, name]) => so.replaceAll(form, `\${secret.${name}}`), bare);
}

const isReference = (word: string): boolean => /^\$\{[^{}]+\}$/.test(word);

/** Takes secrets out of bytes that come in pieces, also where a piece ends within one. */
export class MaskedStream {
  #rest = '';

  /** @returns what can be passed on so far */
  add(chunk: Buffer): Buffer {
    if (forms.length === 0) return chunk;
    const text = hidden(this.#rest + chunk.toString('latin1'));
    const keep = Math.max(...forms.map(([form]) => Buffer.byteLength(form))) - 1;
    this.#rest = text.slice(Math.max(0, text.length - keep));
    return Buffer.from(text.slice(0, text.length - this.#rest.length), 'latin1');
  }

  end(): Buffer {
    const rest = Buffer.from(this.#rest, 'latin1');
    this.#rest = '';
    return rest;
  }
}

/** Of text that holds a byte in each character. */
const hidden = (text: string): string =>
  forms.reduce((so, [form, name]) => so.replaceAll(Buffer.from(form).toString('latin1'), `\${secret.${name}}`), text);
