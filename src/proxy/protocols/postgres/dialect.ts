import { statementBytes } from '../beginning.ts';
import { type Dialect, type ErrorAnswer, endsTransaction, type Request } from '../statements/dialect.ts';
import type { Statements } from './statements.ts';

const headerBytes = 5;
const [query, execute, errorResponse] = ['Q', 'E', 'E'].map((letter) => letter.charCodeAt(0));

/**
 * A Query is replaced by one that is no SQL, an Execute by one of a portal that does not exist: the server aborts the
 * transaction, and skips what comes before the next Sync, as after any other error.
 */
export class PostgresDialect implements Dialect {
  readonly #statements: Statements;
  readonly #isOpen: () => boolean;

  constructor(statements: Statements, isOpen: () => boolean) {
    this.#statements = statements;
    this.#isOpen = isOpen;
  }

  request(bytes: Buffer): Request | 'part' {
    const type = bytes[0];
    if (bytes.length < headerBytes) return 'part';
    const length = lengthOf(bytes);
    if (type !== query && type !== execute) return { length };
    const needed = Math.min(length, headerBytes + statementBytes);
    if (bytes.length < needed) return 'part';
    const body = bytes.subarray(headerBytes, needed);
    const text = type === query ? this.#statements.query(body) : this.#statements.executed(body);
    if (endsTransaction(text, true)) return { length };
    const failing = (name: string) =>
      type === query ? message('Q', cstring(name)) : message('E', cstring(name), Buffer.alloc(4));
    return { length, statement: { text, failing } };
  }

  answer(bytes: Buffer) {
    if (bytes.length < headerBytes) return 'part';
    return { length: lengthOf(bytes), isError: bytes[0] === errorResponse };
  }

  error(_original: Buffer, error: ErrorAnswer): Buffer {
    return response('ERROR', error);
  }

  opensSession(bytes: Buffer): boolean {
    return !this.#isOpen() && bytes.length >= 8 && bytes.readUInt16BE(4) === 3;
  }

  refusal(error: ErrorAnswer): Buffer {
    return response('FATAL', error);
  }
}

/** @see PostgreSQL documentation, 54.8 "Error and Notice Message Fields" */
const response = (severity: string, { code, message: text }: ErrorAnswer): Buffer =>
  message(
    'E',
    ...Object.entries({ S: severity, V: severity, C: code, M: text }).map(([field, value]) => cstring(field + value)),
    Buffer.alloc(1),
  );

const lengthOf = (bytes: Buffer): number => 1 + bytes.readUInt32BE(1);
const cstring = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf8');

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.from(`${type}    `, 'latin1');
  header.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}
