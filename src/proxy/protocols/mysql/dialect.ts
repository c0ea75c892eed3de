import { statementBytes } from '../beginning.ts';
import { type Dialect, type ErrorAnswer, endsTransaction, type Request } from '../statements/dialect.ts';
import type { Agreement } from './capabilities.ts';
import { commandOf } from './commands.ts';
import { longest } from './packets.ts';
import { ParameterTypes } from './parameter-types.ts';
import type { Statements } from './statements.ts';

const headerBytes = 4;
const errorPacket = 0xff;

/** A query, or the execution of a prepared statement, is replaced by a query that is no SQL. */
export class MysqlDialect implements Dialect {
  readonly #statements: Statements;
  /** What the sides agreed on, while the client may send commands. */
  readonly #takesCommands: () => Agreement | undefined;
  readonly #types = new ParameterTypes();
  /** Statements for which parameters were sent ahead: the server would add those of the next attempt to them. */
  readonly #longData = new Set<number>();

  constructor(statements: Statements, takesCommands: () => Agreement | undefined) {
    this.#statements = statements;
    this.#takesCommands = takesCommands;
  }

  get hasToAmend(): boolean {
    return this.#types.areWithheld;
  }

  request(bytes: Buffer): Request | 'part' | 'unknown' {
    if (bytes.length < headerBytes) return 'part';
    const payload = bytes.readUIntLE(0, 3);
    const length = headerBytes + payload;
    const agreement = this.#takesCommands();
    if (!agreement || bytes[3] !== 0 || payload === 0) return { length };
    if (payload === longest) return 'unknown'; // it goes on in another packet
    const needed = Math.min(length, headerBytes + statementBytes);
    if (bytes.length < needed) return 'part';
    const head = bytes.subarray(headerBytes, needed);
    switch (head[0]) {
      case commandOf.query:
        return this.#request(length, this.#statements.query(head, agreement.queryAttributes), agreement);
      case commandOf.execute:
        return this.#execution(bytes, length, agreement);
      case commandOf.sendLongData:
        if (head.length >= 5) this.#longData.add(head.readUInt32LE(1));
        return { length };
      default:
        return { length };
    }
  }

  answer(bytes: Buffer) {
    if (bytes.length < headerBytes) return 'part';
    const payload = bytes.readUIntLE(0, 3);
    if (payload > 0 && bytes.length === headerBytes) return 'part';
    return { length: headerBytes + payload, isError: payload > 0 && bytes[headerBytes] === errorPacket };
  }

  error(original: Buffer, error: ErrorAnswer): Buffer {
    return errorAs(original[3]!, error);
  }

  refusal(error: ErrorAnswer): Buffer {
    return errorAs(0, error);
  }

  #request(length: number, text: string | undefined, agreement: Agreement): Request {
    if (endsTransaction(text, false)) return { length };
    return { length, statement: { text, failing: (name) => queryOf(name, agreement) } };
  }

  /** Clients send the types of parameters once: those of an execution that fails are sent with the one that follows. */
  #execution(bytes: Buffer, length: number, agreement: Agreement): Request | 'part' {
    if (bytes.length < length && length <= longestExecution) return 'part';
    if (bytes.length < headerBytes + 10) return { length };
    const id = bytes.readUInt32LE(headerBytes + 1);
    const parameters = this.#statements.parameters(id);
    if (this.#longData.delete(id) || parameters === undefined) return { length };
    const head = bytes.subarray(headerBytes, length);
    const types = this.#types.of(id, head, parameters, agreement.queryAttributes);
    if (!types) return { length };
    const request = this.#request(length, this.#statements.executed(head), agreement);
    const { statement } = request;
    if (!statement) return request;
    const failing = (name: string) => {
      types.withhold();
      return statement.failing(name);
    };
    const amended = () => {
      const beginning = types.amended();
      return (
        beginning && {
          bytes: packet(0, beginning.bytes, length - headerBytes - beginning.replaces),
          replaces: headerBytes + beginning.replaces,
        }
      );
    };
    return { length, statement: { text: statement.text, failing, amended } };
  }
}

/** So long an execution is waited for; of longer ones the types are among the first bytes, or it passes. */
const longestExecution = 65_536;

function queryOf(text: string, { queryAttributes }: Agreement): Buffer {
  const attributes = queryAttributes ? [0, 1] : [];
  return packet(0, Buffer.concat([Buffer.from([commandOf.query, ...attributes]), Buffer.from(text, 'latin1')]));
}

/** @see MySQL Internals, "ERR_Packet" */
function errorAs(sequence: number, { code, state, message }: ErrorAnswer): Buffer {
  const head = Buffer.from([errorPacket, 0, 0]);
  head.writeUInt16LE(Number(code), 1);
  return packet(sequence, Buffer.concat([head, Buffer.from(`#${state}${message}`, 'utf8')]));
}

/** @param more how many bytes of its payload follow */
function packet(sequence: number, payload: Buffer, more = 0): Buffer {
  const header = Buffer.from([0, 0, 0, sequence]);
  header.writeUIntLE(payload.length + more, 0, 3);
  return Buffer.concat([header, payload]);
}
