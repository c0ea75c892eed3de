/** What is read of a question that somebody asks; everything else of its message passes unread. */
export interface Query {
  id: number;
  /** The second 16 bits of the message, as asked. */
  flags: number;
  /** Outermost last, in lower case, one character a byte: `['www', 'example', 'com']`; none for the root. */
  labels: string[];
  type: number;
  /** The question as it was asked, so that it can be given back in the same letters. */
  question: Buffer;
  /** It came with EDNS, and so has to be answered with it. */
  edns: { wantsDnssec: boolean } | undefined;
}

export const recordType = { a: 1, aaaa: 28, opt: 41 } as const;

const headerBytes = 12;
const internet = 1;
const longestName = 255;

/**
 * Reads an ordinary question: one, of the class IN, with the opcode QUERY.
 * @returns `undefined` for anything else, however broken: that is for the nameserver to answer
 * @see RFC 1035, section 4.1; RFC 6891 for EDNS
 */
export function parseQuery(message: Buffer): Query | undefined {
  if (message.length < headerBytes) return undefined;
  const flags = message.readUInt16BE(2);
  const isQuery = (flags & 0xf800) === 0; // neither a response nor another opcode
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
  if (!isQuery || questions !== 1 || answers !== 0 || authorities !== 0) return undefined;
  const name = readName(message, headerBytes);
  if (!name || name.end + 4 > message.length || message.readUInt16BE(name.end + 2) !== internet) return undefined;
  const end = name.end + 4;
  return {
    id: message.readUInt16BE(0),
    flags,
    labels: name.labels,
    type: message.readUInt16BE(name.end),
    question: message.subarray(headerBytes, end),
    edns: additionals! > 0 ? readEdns(message.subarray(end)) : undefined,
  };
}

/** A name in a question is never compressed: there is nothing before it that it could point to. */
function readName(message: Buffer, start: number): { labels: string[]; end: number } | undefined {
  const labels: string[] = [];
  for (let at = start; at < message.length && at - start < longestName; ) {
    const length = message[at]!;
    const next = at + 1 + length;
    if (length === 0) return { labels, end: next };
    if (length > 63 || next > message.length) return undefined;
    labels.push(message.toString('latin1', at + 1, next).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()));
    at = next;
  }
  return undefined;
}

/** Whoever asks writes it first, if at all. */
function readEdns(additional: Buffer): Query['edns'] {
  const isThere = additional.length >= 11 && additional[0] === 0 && additional.readUInt16BE(1) === recordType.opt;
  return isThere ? { wantsDnssec: (additional.readUInt16BE(7) & 0x8000) !== 0 } : undefined;
}
