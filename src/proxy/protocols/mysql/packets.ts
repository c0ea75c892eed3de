import { Beginning } from '../beginning.ts';

/** A packet, or one that is so long that it goes on in others: those count as one. */
export interface Packet {
  sequence: number;
  /** Of the payload; of a long one's first part. */
  length: number;
  /** The beginning of the payload; good until the next packet. */
  head: Buffer;
  /** Where it begins, or the given bytes if it began before them. */
  offset: number;
}

export interface PacketVisitor {
  /** How many bytes of each payload are kept. */
  headBytes: number;
  /** The head of a packet has come. */
  begins?(packet: Packet): 'stop' | 'malformed' | undefined;
  /** A packet has come, whole. */
  ends?(packet: Packet): 'stop' | 'malformed' | undefined;
}

const headerBytes = 4;
/** A payload of this length goes on in the next packet. */
export const longest = 0xff_ff_ff;

/**
 * Finds the packets in one direction of a connection: three bytes of length, one of sequence, a payload. They may be
 * cut anywhere: payloads are stepped over, and no more is kept than their heads.
 * @see MySQL Internals, "MySQL Packets"
 */
export class Packets {
  /** Longer ones are malformed: what is of another protocol is seldom short. */
  limit = longest;
  readonly #visitor: PacketVisitor;
  readonly #kept: Beginning;
  #headerSeen = 0;
  #header = 0;
  #left = 0;
  #isContinuation = false;
  /** The packet's own head, until it was told of. */
  #headLeft = 0;
  #packet: Packet = { sequence: 0, length: 0, head: Buffer.alloc(0), offset: 0 };

  constructor(visitor: PacketVisitor) {
    this.#visitor = visitor;
    this.#kept = new Beginning(visitor.headBytes);
  }

  /** How many bytes at least are to come of the present packet; 0: there is none. */
  get bytesLeft(): number {
    if (this.#headerSeen === headerBytes) return this.#left;
    return this.#headerSeen > 0 || this.#isContinuation ? headerBytes - this.#headerSeen : 0;
  }

  /** @returns `malformed` when one is too long or the visitor said so; then nothing more can be found */
  walk(bytes: Buffer): 'malformed' | undefined {
    this.#packet.offset = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#headerSeen < headerBytes) {
        if (this.#headerSeen === 0 && !this.#isContinuation) this.#packet.offset = at;
        this.#header += bytes[at]! * 2 ** (8 * this.#headerSeen);
        this.#headerSeen += 1;
        at += 1;
        if (this.#headerSeen < headerBytes) continue;
        this.#begin();
        if (this.#left > this.limit) return 'malformed';
      } else {
        const step = Math.min(this.#left, bytes.length - at);
        this.#keep(bytes.subarray(at, at + step));
        this.#left -= step;
        at += step;
      }
      const outcome = this.#tell();
      if (outcome) return outcome === 'malformed' ? outcome : undefined;
    }
    return undefined;
  }

  #begin(): void {
    this.#left = this.#header % 2 ** 24;
    if (this.#isContinuation) return;
    this.#packet.length = this.#left;
    this.#packet.sequence = Math.floor(this.#header / 2 ** 24);
    this.#headLeft = Math.min(this.#visitor.headBytes, this.#left);
    this.#kept.clear();
    this.#packet.head = this.#kept.bytes;
  }

  /** A head that comes in one piece is not copied. */
  #keep(piece: Buffer): void {
    if (this.#headLeft <= 0) return;
    if (this.#kept.length === 0 && piece.length >= this.#headLeft) {
      this.#packet.head = piece.subarray(0, this.#headLeft);
      this.#headLeft = 0;
      return;
    }
    const part = piece.subarray(0, this.#headLeft);
    this.#kept.add(part);
    this.#headLeft -= part.length;
    this.#packet.head = this.#kept.bytes;
  }

  #tell(): 'stop' | 'malformed' | undefined {
    if (this.#headLeft === 0 && !this.#isContinuation) {
      this.#headLeft = -1; // told
      const outcome = this.#visitor.begins?.(this.#packet);
      if (outcome) return outcome;
    }
    if (this.#left > 0) return undefined;
    const goesOn = this.#header % 2 ** 24 === longest;
    this.#isContinuation = goesOn;
    this.#headerSeen = 0;
    this.#header = 0;
    return goesOn ? undefined : this.#visitor.ends?.(this.#packet);
  }
}
