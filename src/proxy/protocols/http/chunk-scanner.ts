/** Where in a chunked body the next byte stands. */
type Place = 'size' | 'extension' | 'size-end' | 'data' | 'data-end' | 'data-end-lf' | 'trailer-start' | 'trailer';

const [carriageReturn, lineFeed, semicolon, space, tab] = [0x0d, 0x0a, 0x3b, 0x20, 0x09];

/**
 * Finds the end of one chunked body, which may be cut anywhere; data is stepped over, never kept.
 *
 *     5;ext CRLF hello CRLF   0 CRLF   [trailer: value CRLF] CRLF
 *
 * @see RFC 9112, section 7.1
 */
export class ChunkScanner {
  #place: Place = 'size';
  #size = 0;
  #digits = 0;
  #dataLeft = 0;

  /** @returns where it ends, or that it goes on to the end of these bytes, or that this is none */
  scan(bytes: Buffer, from: number): { to: number; isOver: boolean } | 'malformed' {
    let at = from;
    while (at < bytes.length) {
      if (this.#place === 'data') {
        const step = Math.min(this.#dataLeft, bytes.length - at);
        this.#dataLeft -= step;
        at += step;
        if (this.#dataLeft === 0) this.#place = 'data-end';
        continue;
      }
      const outcome = this.#step(bytes[at]!);
      at += 1;
      if (outcome === 'malformed') return 'malformed';
      if (outcome === 'over') return { to: at, isOver: true };
    }
    return { to: bytes.length, isOver: false };
  }

  #step(byte: number): 'malformed' | 'over' | undefined {
    switch (this.#place) {
      case 'size':
        return this.#sizeDigit(byte);
      case 'extension':
        if (byte === lineFeed) this.#endSize();
        return undefined;
      case 'size-end':
        if (byte !== lineFeed) return 'malformed';
        this.#endSize();
        return undefined;
      case 'data-end':
        if (byte === carriageReturn) this.#place = 'data-end-lf';
        else if (byte === lineFeed) this.#place = 'size';
        else return 'malformed';
        return undefined;
      case 'data-end-lf':
        this.#place = 'size';
        return byte === lineFeed ? undefined : 'malformed';
      case 'trailer-start':
        if (byte === lineFeed) return 'over';
        if (byte !== carriageReturn) this.#place = 'trailer'; // a CR leaves it: its LF ends the body
        return undefined;
      default:
        if (byte === lineFeed) this.#place = 'trailer-start';
        return undefined;
    }
  }

  #sizeDigit(byte: number): 'malformed' | undefined {
    const digit = hexadecimal(byte);
    if (digit !== undefined) {
      this.#size = this.#size * 16 + digit;
      this.#digits += 1;
      return Number.isSafeInteger(this.#size) && this.#digits <= 32 ? undefined : 'malformed';
    }
    if (this.#digits === 0) return 'malformed';
    if (byte === semicolon || byte === space || byte === tab) this.#place = 'extension';
    else if (byte === carriageReturn) this.#place = 'size-end';
    else if (byte === lineFeed) this.#endSize();
    else return 'malformed';
    return undefined;
  }

  #endSize(): void {
    this.#place = this.#size === 0 ? 'trailer-start' : 'data';
    this.#dataLeft = this.#size;
    this.#size = 0;
    this.#digits = 0;
  }
}

function hexadecimal(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : undefined;
}
