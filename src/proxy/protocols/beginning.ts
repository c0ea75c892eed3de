/** Keeps the first bytes of something that comes in pieces; the rest is not kept. */
export class Beginning {
  readonly #bytes: Buffer;
  #length = 0;

  /** @param limit how many bytes are kept */
  constructor(limit: number) {
    this.#bytes = Buffer.allocUnsafe(limit);
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  add(piece: Buffer): void {
    this.#length += piece.copy(this.#bytes, this.#length);
  }

  /** Good until the next change. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** How much of a statement's text is kept, in bytes. */
export const statementBytes = 1000;
