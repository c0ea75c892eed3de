/**
 * How much may wait inside the proxy before it stops reading. A direction may always hold a little, and up to 16 MiB
 * (the order of a TCP window at its largest) as long as all together hold less than 512 MiB: a thousand slowed
 * connections must not become gigabytes. What has shown that it lets go of more soon may hold more, as a TCP window grows
 * on a long fast way.
 */
const ownBytes = 256 * 1024;
const mostBytes = 16 * 1024 * 1024;
const mostInMotionBytes = 256 * 1024 * 1024;
const togetherBytes = 512 * 1024 * 1024;
/** What may lie in a socket's own queue because its peer does not read. */
const unsentBytes = 1024 * 1024;

/** Shared by all directions of the process. */
export class Budget {
  #heldTogether = 0;

  /** One direction now holds so much more, or less. */
  changed(bytes: number): void {
    this.#heldTogether += bytes;
  }

  /** @param room what the stages of this direction have shown that they need */
  isExceeded(held: number, unsent: number, room = 0): boolean {
    if (unsent >= unsentBytes) return true;
    if (held >= mostBytes && held >= Math.min(room, mostInMotionBytes)) return true;
    return held + unsent > ownBytes && this.#heldTogether > togetherBytes;
  }
}
