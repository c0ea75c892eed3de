import { Beginning, statementBytes } from '../beginning.ts';

/** Called for each message; `offset` counts in the bytes given. Returning `stop` ends the walk. */
export interface MessageVisitor {
  begins?(type: number, offset: number): 'stop' | undefined;
  /** @param body the beginning of it, of messages whose type is in `keeps`; good until the next message */
  ends?(type: number, body: Buffer): 'stop' | undefined;
  keeps?: ReadonlySet<number>;
}

/** PostgreSQL keeps no message longer than 1 GiB. */
const longest = 2 ** 30;

/**
 * Finds the messages in one direction of a connection: a byte of type, four of length (which count themselves), a body.
 * They may be cut anywhere and of any size: bodies are stepped over, and no more is kept than the beginning of some.
 * @see PostgreSQL documentation, 54.7 "Message Formats"
 */
export class Framing {
  readonly #visitor: MessageVisitor;
  #type = 0;
  /** How many bytes of the header have been seen: 0 to 4 while it is incomplete. */
  #headerSeen = 0;
  #length = 0;
  #bodyLeft = 0;
  readonly #body = new Beginning(statementBytes);

  constructor(visitor: MessageVisitor) {
    this.#visitor = visitor;
  }

  /** How many bytes at least are to come of the present message; 0: there is none. */
  get bytesLeft(): number {
    return this.#headerSeen > 0 ? 5 - this.#headerSeen : this.#bodyLeft;
  }

  /** @returns `malformed` when these are no messages; then nothing more can be found */
  walk(bytes: Buffer): 'malformed' | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#bodyLeft > 0) {
        const step = Math.min(this.#bodyLeft, bytes.length - at);
        if (this.#visitor.keeps?.has(this.#type)) this.#body.add(bytes.subarray(at, at + step));
        this.#bodyLeft -= step;
        at += step;
      } else {
        if (this.#headerSeen === 0) {
          this.#type = bytes[at]!;
          if (this.#visitor.begins?.(this.#type, at) === 'stop') return undefined;
        } else {
          this.#length = this.#length * 256 + bytes[at]!;
        }
        at += 1;
        this.#headerSeen += 1;
        if (this.#headerSeen < 5) continue;
        if (this.#length < 4 || this.#length > longest) return 'malformed';
        this.#bodyLeft = this.#length - 4;
        this.#length = 0;
        this.#headerSeen = 0;
      }
      if (this.#bodyLeft > 0) continue;
      if (this.#visitor.ends?.(this.#type, this.#body.bytes) === 'stop') return undefined;
      this.#body.clear();
    }
    return undefined;
  }
}
