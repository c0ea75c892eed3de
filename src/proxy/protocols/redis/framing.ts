/**
 * How a frame goes on behind its first byte. `line`: to the end of the line. `counted`: a line with how many frames
 * belong to it. `bulk`: a line with a length, so many bytes, and an end of line. `inline`: a line that is a command
 * itself, its first byte with it.
 */
export type Shape = 'line' | 'counted' | 'bulk' | 'inline';

export interface FrameVisitor {
  /** A frame begins; `offset` counts in the bytes given. @returns its shape, or `undefined` when there is none such */
  begins(type: number, offset: number): Shape | undefined;
  /** A piece of a bulk, or of an inline command. */
  body?(piece: Buffer): void;
  /** A frame is whole; of a counted one that is its line. @param number what its line says: -1 stands for null */
  ends(type: number, number: number): 'stop' | 'malformed' | undefined;
}

type Place = 'type' | 'line' | 'inline' | 'number' | 'number-end' | 'body' | 'body-end' | 'body-end-lf';

const [carriageReturn, lineFeed, minus, digit0, digit9] = [0x0d, 0x0a, 0x2d, 0x30, 0x39];
/** The server takes no bulk of more than 512 MiB unless told otherwise; nor do we count further than is exact. */
const longest = 2 ** 40;

/**
 * Finds the frames in one direction of a connection. They may be cut anywhere and of any size: bodies are stepped over.
 *
 *     *2 CRLF   $3 CRLF GET CRLF   $4 CRLF cart CRLF
 *
 * @see Redis documentation, "Redis serialization protocol specification"
 */
export class RespFraming {
  readonly #visitor: FrameVisitor;
  #place: Place = 'type';
  #type = 0;
  #shape: Shape = 'line';
  #number = 0;
  #isNegative = false;
  #digits = 0;
  #bodyLeft = 0;

  constructor(visitor: FrameVisitor) {
    this.#visitor = visitor;
  }

  /** How many bytes at least are to come of the present frame; 0: there is none. */
  get bytesLeft(): number {
    if (this.#place === 'type') return 0;
    return this.#place === 'body' ? this.#bodyLeft : 1;
  }

  /** @returns `malformed` when these are no frames; then nothing more can be found */
  walk(bytes: Buffer): 'malformed' | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#place === 'body') {
        const step = Math.min(this.#bodyLeft, bytes.length - at);
        this.#visitor.body?.(bytes.subarray(at, at + step));
        this.#bodyLeft -= step;
        at += step;
        if (this.#bodyLeft === 0) this.#place = 'body-end';
      } else if (this.#place === 'line' || this.#place === 'inline') {
        const end = bytes.indexOf(lineFeed, at);
        if (this.#place === 'inline') this.#visitor.body?.(bytes.subarray(at, end === -1 ? bytes.length : end));
        if (end === -1) return undefined;
        at = end + 1;
        const outcome = this.#end();
        if (outcome) return outcome === 'malformed' ? outcome : undefined;
      } else {
        const outcome = this.#step(bytes[at]!, at, bytes);
        at += 1;
        if (outcome) return outcome === 'malformed' ? outcome : undefined;
      }
    }
    return undefined;
  }

  #step(byte: number, at: number, bytes: Buffer): 'stop' | 'malformed' | undefined {
    switch (this.#place) {
      case 'type':
        return this.#begin(byte, at, bytes);
      case 'number':
        return this.#digit(byte);
      case 'number-end':
        return byte === lineFeed ? this.#endNumber() : 'malformed';
      case 'body-end':
        this.#place = 'body-end-lf';
        return byte === carriageReturn ? undefined : 'malformed';
      default:
        return byte === lineFeed ? this.#end() : 'malformed';
    }
  }

  #begin(type: number, at: number, bytes: Buffer): 'stop' | 'malformed' | undefined {
    const shape = this.#visitor.begins(type, at);
    if (!shape) return 'malformed';
    this.#type = type;
    this.#shape = shape;
    this.#number = 0;
    this.#digits = 0;
    this.#isNegative = false;
    this.#place = shape === 'line' || shape === 'inline' ? shape : 'number';
    if (shape !== 'inline') return undefined;
    if (type === lineFeed) return this.#end();
    this.#visitor.body?.(bytes.subarray(at, at + 1));
    return undefined;
  }

  #digit(byte: number): 'malformed' | undefined {
    if (byte >= digit0 && byte <= digit9) {
      this.#number = this.#number * 10 + byte - digit0;
      this.#digits += 1;
      return this.#number <= longest && this.#digits <= 20 ? undefined : 'malformed';
    }
    if (byte === minus && this.#digits === 0 && !this.#isNegative) this.#isNegative = true;
    else if (byte === carriageReturn && this.#digits > 0) this.#place = 'number-end';
    else return 'malformed';
    return undefined;
  }

  #endNumber(): 'stop' | 'malformed' | undefined {
    if (this.#isNegative) this.#number = -1;
    if (this.#shape === 'counted' || this.#number < 0) return this.#end();
    this.#bodyLeft = this.#number;
    this.#place = this.#number === 0 ? 'body-end' : 'body';
    return undefined;
  }

  #end(): 'stop' | 'malformed' | undefined {
    this.#place = 'type';
    return this.#visitor.ends(this.#type, this.#number);
  }
}
