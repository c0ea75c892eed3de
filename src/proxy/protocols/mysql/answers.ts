import type { Agreement } from './capabilities.ts';
import { longest, type Packet } from './packets.ts';

/** How the answer to a command is made. */
export type AnswerKind =
  /** One packet. */
  | 'call'
  /** Packets until one says OK, or an error. */
  | 'authentication'
  /** Packets until an EOF, or an error. */
  | 'fields'
  /** What was prepared, then descriptions of parameters and columns. */
  | 'prepare'
  /** An OK packet or a result, and more of these. */
  | 'results'
  /** Rows alone. */
  | 'rows';

/** What a packet of the server means for the answer that it belongs to. `result`: one is complete, and more come. */
export type Meaning = 'goes-on' | 'result' | 'over' | 'wants-file' | 'malformed';

type Place = 'first' | 'definitions' | 'definitions-end' | 'rows' | 'prepared';

const [ok, file, eof, error] = [0x00, 0xfb, 0xfe, 0xff];
const moreResults = 0x08;
const cursorExists = 0x40;

/**
 * Reads one answer of a server, packet by packet.
 *
 *     OK                                                    or an error, or a wish for a local file
 *     columns, description …, [EOF], row …, OK or EOF       or an error; then more, if the last one says so
 *
 * @see MySQL Internals, "Text Resultset", "COM_STMT_PREPARE Response"
 */
export class Answer {
  readonly #agreement: Agreement;
  readonly #kind: AnswerKind;
  #place: Place;
  #left = 0;

  constructor(kind: AnswerKind, agreement: Agreement) {
    this.#kind = kind;
    this.#agreement = agreement;
    this.#place = kind === 'rows' ? 'rows' : 'first';
  }

  /** Nothing of it has come yet. */
  get isFresh(): boolean {
    return this.#place === 'first';
  }

  read(packet: Packet): Meaning {
    const { head, length } = packet;
    // MariaDB reports progress as errors of a number of its own.
    if (head[0] === error) return head[1] === 0xff && head[2] === 0xff ? 'goes-on' : 'over';
    switch (this.#place) {
      case 'first':
        return this.#first(packet);
      case 'definitions':
        return this.#definition();
      case 'definitions-end':
        return this.#definitionsEnd(packet);
      case 'prepared':
        this.#left -= 1;
        return this.#left === 0 ? 'over' : 'goes-on';
      default:
        return head[0] === eof && length < this.#shortestRow()
          ? this.#resultEnd(statusBehindRows(packet, this.#agreement))
          : 'goes-on';
    }
  }

  #first({ head, length }: Packet): Meaning {
    switch (this.#kind) {
      case 'call':
        return 'over';
      case 'authentication':
        return head[0] === ok ? 'over' : 'goes-on';
      case 'fields':
        return head[0] === eof && length < longest ? 'over' : 'goes-on';
      case 'prepare':
        return this.#prepared(head);
      default:
        if (head[0] === ok) return this.#resultEnd(statusOfOk(head));
        if (head[0] === file) return 'wants-file';
        return this.#columns(head);
    }
  }

  #prepared(head: Buffer): Meaning {
    if (head[0] !== ok || head.length < 9) return 'malformed';
    for (const definitions of [head.readUInt16LE(5), head.readUInt16LE(7)])
      if (definitions > 0) this.#left += definitions + (this.#agreement.deprecatesEof ? 0 : 1);
    this.#place = 'prepared';
    return this.#left === 0 ? 'over' : 'goes-on';
  }

  #columns(head: Buffer): Meaning {
    const columns = integerAt(head, 0);
    if (columns === undefined || columns.value === 0) return 'malformed';
    this.#left = columns.value;
    const areKnown = this.#agreement.cachesMetadata && head[columns.end] === 0;
    if (areKnown) this.#left = 0;
    this.#place = areKnown ? this.#behindDefinitions() : 'definitions';
    return 'goes-on';
  }

  #definition(): Meaning {
    this.#left -= 1;
    if (this.#left === 0) this.#place = this.#behindDefinitions();
    return 'goes-on';
  }

  #behindDefinitions(): Place {
    return this.#agreement.deprecatesEof ? 'rows' : 'definitions-end';
  }

  #definitionsEnd({ head }: Packet): Meaning {
    if (head[0] !== eof || head.length < 5) return 'malformed';
    this.#place = 'rows';
    const status = head.readUInt16LE(3);
    return hasFlag(status, cursorExists) ? this.#resultEnd(status) : 'goes-on';
  }

  #resultEnd(status: number | undefined): Meaning {
    if (status === undefined) return 'malformed';
    if (!hasFlag(status, moreResults)) return 'over';
    this.#place = 'first';
    return 'result';
  }

  /** A row may begin with the same byte as the end of all rows, when its first text is that long. */
  #shortestRow(): number {
    return this.#agreement.deprecatesEof ? longest : 9;
  }
}

const hasFlag = (status: number, flag: number): boolean => Math.floor(status / flag) % 2 === 1;

function statusBehindRows({ head }: Packet, { deprecatesEof }: Agreement): number | undefined {
  if (deprecatesEof) return statusOfOk(head);
  return head.length >= 5 ? head.readUInt16LE(3) : undefined;
}

/** OK, how many rows, the last key, the status. */
function statusOfOk(head: Buffer): number | undefined {
  const rows = integerAt(head, 1);
  const key = rows && integerAt(head, rows.end);
  return key && head.length >= key.end + 2 ? head.readUInt16LE(key.end) : undefined;
}

/** An integer that says how long it is. @see MySQL Internals, "Length-Encoded Integer Type" */
export function integerAt(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  const first = bytes[at];
  if (first === undefined || first === 0xff || first === 0xfb) return undefined;
  if (first < 0xfb) return { value: first, end: at + 1 };
  const width = first === 0xfc ? 2 : first === 0xfd ? 3 : 8;
  const end = at + 1 + width;
  if (bytes.length < end) return undefined;
  const value = width === 8 ? Number(bytes.readBigUInt64LE(at + 1)) : bytes.readUIntLE(at + 1, width);
  return { value, end };
}
