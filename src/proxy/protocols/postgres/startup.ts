/** What a client may begin with. `encryption` asks for one byte of answer before the next packet. */
export type Opening = 'session' | 'cancel' | 'encryption' | 'direct-tls' | 'malformed';

/** A TLS record that opens a handshake: PostgreSQL 17 clients may begin with one (`sslnegotiation=direct`). */
const tlsHandshake = 0x16;
const headerBytes = 8;
/** The server itself refuses longer ones. */
const longest = 10_000;

/**
 * Reads the packets that come before messages have a type: four bytes of length, four of code, a body.
 * @see PostgreSQL documentation, 54.7 "Message Formats": StartupMessage, SSLRequest, GSSENCRequest, CancelRequest
 */
export class Startup {
  readonly #header = Buffer.alloc(headerBytes);
  #seen = 0;
  #bodyLeft = 0;

  /** How many bytes at least are to come of the present packet, or of the one that comes. */
  get bytesLeft(): number {
    return this.#seen < headerBytes ? headerBytes - this.#seen : this.#bodyLeft;
  }

  /** @returns what the client opened with, once that packet is whole, and how many of the bytes belong to it */
  read(bytes: Buffer): { opening: Opening | undefined; used: number } {
    if (this.#seen === 0 && bytes[0] === tlsHandshake) return { opening: 'direct-tls', used: 0 };
    let used = 0;
    if (this.#seen < headerBytes) {
      used = bytes.copy(this.#header, this.#seen);
      this.#seen += used;
      if (this.#seen < headerBytes) return { opening: undefined, used };
      const length = this.#header.readUInt32BE(0);
      if (length < headerBytes || length > longest || this.#opening() === 'malformed')
        return { opening: 'malformed', used };
      this.#bodyLeft = length - headerBytes;
    }
    const step = Math.min(this.#bodyLeft, bytes.length - used);
    this.#bodyLeft -= step;
    used += step;
    if (this.#bodyLeft > 0) return { opening: undefined, used };
    this.#seen = 0;
    return { opening: this.#opening(), used };
  }

  #opening(): Opening {
    const major = this.#header.readUInt16BE(4);
    const minor = this.#header.readUInt16BE(6);
    if (major === 3) return 'session';
    if (major !== 1234) return 'malformed';
    if (minor === 5678) return 'cancel';
    return minor === 5679 || minor === 5680 ? 'encryption' : 'malformed';
  }
}
