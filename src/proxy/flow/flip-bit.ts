/** Flips one bit of at least one byte, any of them with the same chance. */
export function flipBit(bytes: Buffer, draw: () => number): void {
  const bit = Math.floor(draw() * bytes.length * 8);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
}
