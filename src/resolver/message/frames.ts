/** Over TCP each message is preceded by its length in two bytes. @see RFC 1035, section 4.2.2 */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns the messages that are whole now */
  take(bytes: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (all.length >= 2 && all.length >= 2 + all.readUInt16BE(0)) {
      const end = 2 + all.readUInt16BE(0);
      messages.push(all.subarray(2, end));
      all = all.subarray(end);
    }
    this.#rest = all;
    return messages;
  }

  /** What came after the last whole message. */
  get rest(): Buffer {
    return this.#rest;
  }
}

export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
