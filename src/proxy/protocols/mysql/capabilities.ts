/** What client and server agreed on, as far as it changes what packets mean. */
export interface Agreement {
  /** No EOF packet behind the columns, and an OK packet behind the rows. */
  deprecatesEof: boolean;
  /** A query begins with attributes. */
  queryAttributes: boolean;
  /** MariaDB says behind the number of columns whether they follow. */
  cachesMetadata: boolean;
  compressed: boolean;
}

/** What one side can do: the flags of MySQL, and those that MariaDB added. */
interface Capabilities {
  flags: number;
  mariaDb: number;
}

const longPassword = 2 ** 0;
const compress = 2 ** 5;
const protocol41 = 2 ** 9;
const tls = 2 ** 11;
const deprecateEof = 2 ** 24;
const optionalMetadata = 2 ** 25;
const zstd = 2 ** 26;
const queryAttributes = 2 ** 27;
/** Of MariaDB's own, whose bits are counted from 32. */
const cacheMetadata = 2 ** 4;

const has = (flags: number, flag: number): boolean => Math.floor(flags / flag) % 2 === 1;

/** A client asks for TLS with the fixed part of its answer alone. */
const tlsRequestBytes = 32;

/**
 * Reads the greeting of a server.
 * @returns `undefined` when it is none
 * @see MySQL Internals, "Protocol::HandshakeV10"; MariaDB Knowledge Base, "Connecting"
 */
export function greeted(head: Buffer): Capabilities | undefined {
  const versionEnd = head.indexOf(0, 1);
  // version 0 thread(4) scramble(8) 0 low(2) charset(1) status(2) high(2) scrambleLength(1) reserved(6) mariaDb(4)
  if (head[0] !== 10 || versionEnd === -1 || head.length < versionEnd + 32) return undefined;
  const at = versionEnd + 1 + 13;
  const flags = head.readUInt16LE(at) + head.readUInt16LE(at + 5) * 2 ** 16;
  return { flags, mariaDb: has(flags, longPassword) ? 0 : head.readUInt32LE(at + 14) };
}

/**
 * Reads a client's answer to the greeting.
 * @param length of the whole packet
 * @returns `undefined` when it is none that a server of today understands
 */
export function agreed(server: Capabilities, head: Buffer, length: number): Agreement | 'tls' | undefined {
  if (head.length < tlsRequestBytes) return undefined;
  const flags = head.readUInt32LE(0);
  if (!has(flags, protocol41)) return undefined;
  if (has(flags, tls) && length === tlsRequestBytes) return 'tls';
  const mariaDb = has(flags, longPassword) ? 0 : head.readUInt32LE(28);
  const both = (flag: number): boolean => has(flags, flag) && has(server.flags, flag);
  if (both(optionalMetadata)) return undefined; // nobody uses it, and an OK packet would look like a result
  return {
    deprecatesEof: both(deprecateEof),
    queryAttributes: both(queryAttributes),
    cachesMetadata: has(mariaDb, cacheMetadata) && has(server.mariaDb, cacheMetadata),
    compressed: both(compress) || both(zstd),
  };
}
