const commonBytes = 64 * 1024;
const ownSizes = [256 * 1024, 1024 * 1024, 4 * 1024 * 1024];
/** The largest that is given away: what waits should hold little more than its bytes. */
export const mostToKeep = 1024 * 1024;
/** All that sockets have of their own, together. None takes more than a quarter of what is left: who comes late has some as well. */
const ownTogetherBytes = 64 * 1024 * 1024;
/** So many reads in a row that would have fitted into a quarter, before the memory shrinks: traffic comes in waves. */
const patience = 8;

/** Reads are synchronous, so what one socket has read is copied out before another is read. */
const common = Buffer.allocUnsafeSlow(commonBytes);
let ownTogether = 0;

/**
 * What a socket is read into. How much one read brings decides, more than all else here, what a byte costs; so this
 * grows while reads fill it, and shrinks when they do not. A socket that is idle, or is sent little, has none of its own.
 */
export class ReadMemory {
  #memory = common;
  #sparse = 0;

  /** Where the next read goes. */
  get next(): Buffer {
    return this.#memory;
  }

  /** What was read stands there until the next read of this same socket. */
  get isOwn(): boolean {
    return this.#memory !== common;
  }

  view(count: number): Buffer {
    return this.#memory.subarray(0, count);
  }

  /** What was read, to keep: the memory itself, when it is nearly full: what waits holds all of it. */
  keep(count: number): Buffer {
    if (this.isOwn && count * 4 >= this.#memory.length * 3) {
      const kept = this.view(count);
      this.#memory = Buffer.allocUnsafeSlow(this.#memory.length);
      return kept;
    }
    const copy = Buffer.allocUnsafe(count);
    this.#memory.copy(copy, 0, 0, count);
    return copy;
  }

  /** Makes the next read's room fit, now that one brought so much. @param most that it may bring; the common room is always had */
  fit(count: number, most: number): void {
    const { length } = this.#memory;
    if (count * 4 > length) this.#sparse = 0;
    else if (this.isOwn) this.#sparse += 1;
    if (length > most) this.#resize(Math.max(commonBytes, most));
    else if (count === length) this.#resize(ownSizes.find((size) => size > length && size <= most) ?? length);
    else if (this.#sparse >= patience) this.#resize(ownSizes.findLast((size) => size < length) ?? commonBytes);
  }

  release(): void {
    this.#resize(commonBytes);
  }

  #resize(bytes: number): void {
    const before = this.isOwn ? this.#memory.length : 0;
    const after = bytes === commonBytes ? 0 : bytes;
    this.#sparse = 0;
    const left = ownTogetherBytes - (ownTogether - before);
    if (after === before || after > left / 4) return;
    ownTogether += after - before;
    this.#memory = after === 0 ? common : Buffer.allocUnsafeSlow(after);
  }
}
