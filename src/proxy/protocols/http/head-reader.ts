import type { Head, StartLine } from './head.ts';

/** No server that we know takes a longer head. */
const longestHeadBytes = 64 * 1024;
const lineFeed = 0x0a;
/** Takes no longer than the line is long, whatever stands in it: the value is trimmed afterwards. */
const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([^\r]*)$/;

export type HeadPart<Start> =
  /** All bytes belong to a head that goes on. */
  { kind: 'head-part'; to: number } | { kind: 'head'; to: number; head: Head<Start> } | { kind: 'malformed' };

/**
 * Reads one head after the other, cut anywhere, line by line. A lone LF ends a line as well: a server that does not take
 * it so refuses the message and ends the connection, so that we are never of two minds about where a message ends.
 * @see RFC 9112, sections 2.2 and 5
 */
export class HeadReader<Start> {
  readonly #startLine: StartLine<Start>;
  #bytes = 0;
  /** The line that is not whole yet, one character a byte. */
  #line = '';
  #start: Start | undefined;
  #fields = new Map<string, string>();
  #lastName: string | undefined;

  constructor(startLine: StartLine<Start>) {
    this.#startLine = startLine;
  }

  /** Whether no byte of the next head has come. */
  get isFresh(): boolean {
    return this.#bytes === 0;
  }

  /** The start line of the head that is being read, once it is whole. */
  get start(): Start | undefined {
    return this.#start;
  }

  read(bytes: Buffer, from: number): HeadPart<Start> {
    let at = from;
    while (at < bytes.length) {
      const end = bytes.indexOf(lineFeed, at);
      const to = end === -1 ? bytes.length : end + 1;
      this.#bytes += to - at;
      if (this.#bytes > longestHeadBytes) return { kind: 'malformed' };
      this.#line += bytes.toString('latin1', at, to);
      at = to;
      if (end === -1) break;
      const outcome = this.#endLine();
      if (outcome === 'malformed') return { kind: 'malformed' };
      if (outcome) return { kind: 'head', to, head: outcome };
    }
    if (this.#start === undefined && !this.#startLine.mayBegin(this.#line)) return { kind: 'malformed' };
    return { kind: 'head-part', to: bytes.length };
  }

  /** @returns the head when this was its last line */
  #endLine(): Head<Start> | 'malformed' | undefined {
    const line = this.#line.endsWith('\r\n') ? this.#line.slice(0, -2) : this.#line.slice(0, -1);
    this.#line = '';
    if (this.#start === undefined) {
      if (line === '') return undefined; // empty lines before a message are overlooked
      this.#start = this.#startLine.read(line);
      return this.#start === undefined ? 'malformed' : undefined;
    }
    if (line !== '') return this.#addField(line);
    const head = { start: this.#start, fields: this.#fields };
    this.#bytes = 0;
    this.#start = undefined;
    this.#fields = new Map();
    this.#lastName = undefined;
    return head;
  }

  #addField(line: string): 'malformed' | undefined {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (this.#lastName === undefined || line.includes('\r')) return 'malformed';
      this.#fields.set(this.#lastName, `${this.#fields.get(this.#lastName)} ${withoutBlanks(line)}`);
      return undefined;
    }
    const found = field.exec(line);
    if (!found) return 'malformed';
    const name = found[1]!.toLowerCase();
    const value = withoutBlanks(found[2]!);
    const before = this.#fields.get(name);
    this.#fields.set(name, before === undefined ? value : `${before}, ${value}`);
    this.#lastName = name;
    return undefined;
  }
}

/** Without the spaces and tabs around it. */
function withoutBlanks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text[from]!)) from += 1;
  while (to > from && isBlank(text[to - 1]!)) to -= 1;
  return text.slice(from, to);
}

const isBlank = (character: string): boolean => character === ' ' || character === '\t';
