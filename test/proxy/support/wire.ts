/** Messages of PostgreSQL's protocol, as a client writes them. */
export const startup = (user: string, database: string): Buffer => {
  const body = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  return Buffer.concat([int32(body.length + 8), int32(196_608), body]);
};
export const sslRequest = Buffer.concat([int32(8), int32(80_877_103)]);
export const cancelRequest = (processId: number, secretKey: number): Buffer =>
  Buffer.concat([int32(16), int32(80_877_102), int32(processId), int32(secretKey)]);
export const query = (sql: string): Buffer => message('Q', cstring(sql));
export const parse = (sql: string): Buffer => message('P', cstring(''), cstring(sql), int16(0));
export const bind = message('B', cstring(''), cstring(''), int16(0), int16(0), int16(0));
export const execute = (rows = 0): Buffer => message('E', cstring(''), int32(rows));
export const sync = message('S');
export const copyData = (text: string): Buffer => message('d', Buffer.from(text));
export const copyDone = message('c');

export function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** Cuts bytes into whole messages. @returns their types in order, and what is left over */
export function messagesIn(bytes: Buffer): { types: string; rest: Buffer } {
  let types = '';
  let at = 0;
  while (bytes.length - at >= 5) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    if (end > bytes.length) break;
    types += String.fromCharCode(bytes[at]!);
    at = end;
  }
  return { types, rest: bytes.subarray(at) };
}

/** Bytes in pieces cut at the given places. */
export function* pieces(bytes: Buffer, cuts: number[]): Generator<Buffer> {
  const places = [0, ...new Set(cuts.map((cut) => cut % bytes.length)), bytes.length].sort((a, b) => a - b);
  for (let index = 1; index < places.length; index += 1) {
    const piece = bytes.subarray(places[index - 1], places[index]);
    if (piece.length > 0) yield piece;
  }
}
