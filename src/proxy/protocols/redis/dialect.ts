import { statementBytes } from '../beginning.ts';
import type { Dialect, ErrorAnswer, Request } from '../statements/dialect.ts';

const [array, bulk, minus, lineFeed] = [0x2a, 0x24, 0x2d, 0x0a];
/** `$`, `!` and `=`: a length, then so many bytes. */
const withBody = new Set([bulk, 0x21, 0x3d]);
/** Longer commands are not waited for: they pass. */
const longest = 65_536;
const longestLine = 1024;

/** A command is replaced by one that no server knows: its error comes in its turn, and inside MULTI it spoils EXEC. */
export class RedisDialect implements Dialect {
  readonly #isNew: () => boolean;

  constructor(isNew: () => boolean) {
    this.#isNew = isNew;
  }

  request(bytes: Buffer): Request | 'part' | 'unknown' {
    const command = bytes[0] === array ? wordsIn(bytes) : inline(bytes);
    if (command === 'malformed') return 'unknown';
    if (command === 'part') return bytes.length > longest ? 'unknown' : 'part';
    const { length, text } = command;
    const [name = ''] = text.toUpperCase().split(' ', 1);
    if (name === '' || passing.has(name)) return { length };
    return { length, statement: { text, failing } };
  }

  answer(bytes: Buffer) {
    const line = lineIn(bytes, 0);
    if (!line) return bytes.length > longestLine && bytes[0] !== minus ? { length: 1, isError: false } : 'part';
    const body = withBody.has(bytes[0]!) ? Number(line.text) : -1;
    return { length: line.end + (body >= 0 ? body + 2 : 0), isError: bytes[0] === minus };
  }

  error(_original: Buffer, { code, message }: ErrorAnswer): Buffer {
    return Buffer.from(`-${code} ${message}\r\n`, 'utf8');
  }

  opensSession(): boolean {
    return this.#isNew();
  }

  refusal(error: ErrorAnswer): Buffer {
    return this.error(Buffer.alloc(0), error);
  }
}

const failing = (name: string): Buffer => Buffer.from(`*1\r\n$${name.length}\r\n${name}\r\n`, 'latin1');

/** They make or end a session or a transaction, or begin a stream: a client without their answers would be lost. */
const passing = new Set([
  ...['AUTH', 'CLIENT', 'HELLO', 'QUIT', 'RESET', 'SELECT', 'EXEC', 'DISCARD', 'UNWATCH', 'MONITOR', 'SYNC', 'PSYNC'],
  ...['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE', 'REPLCONF'],
]);

type Command = { length: number; text: string };

function wordsIn(bytes: Buffer): Command | 'part' | 'malformed' {
  const count = lineIn(bytes, 0);
  if (!count) return 'part';
  let at = count.end;
  const words: Buffer[] = [];
  let kept = 0;
  for (let word = 0; word < Number(count.text); word += 1) {
    const line = lineIn(bytes, at);
    if (!line) return 'part';
    const length = Number(line.text);
    if (bytes[at] !== bulk || !(length >= 0)) return 'malformed';
    at = line.end + length + 2;
    if (at > bytes.length) return 'part';
    if (kept < statementBytes) words.push(bytes.subarray(line.end, line.end + Math.min(length, statementBytes)));
    kept += length + 1;
  }
  return {
    length: at,
    text: words
      .map((word) => word.toString('utf8'))
      .join(' ')
      .slice(0, statementBytes),
  };
}

function inline(bytes: Buffer): Command | 'part' {
  const end = bytes.indexOf(lineFeed);
  return end === -1 ? 'part' : { length: end + 1, text: bytes.toString('utf8', 0, end).trim() };
}

/** @returns what stands behind the type of a frame, and where its line ends */
function lineIn(bytes: Buffer, at: number): { text: string; end: number } | undefined {
  const end = bytes.indexOf(lineFeed, at);
  return end === -1 ? undefined : { text: bytes.toString('latin1', at + 1, end).trimEnd(), end: end + 1 };
}
