import { isIPv6 } from 'node:net';
import { type Query, recordType } from './query.ts';

export const responseCode = { noError: 0, servfail: 2, nxdomain: 3 } as const;

/**
 * The answer of a resolver that knows this of what was asked.
 * A denial carries no SOA record and an address lives for no time: nobody may remember either beyond the fault.
 * @param addresses of the type that was asked for
 */
export function answerTo(query: Query, code: keyof typeof responseCode, addresses: string[] = []): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(query.id, 0);
  header.writeUInt16BE(response | recursionAvailable | (query.flags & copied) | responseCode[code], 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt16BE(query.edns ? 1 : 0, 10);
  return Buffer.concat([
    header,
    query.question,
    ...addresses.map(addressRecord),
    ...(query.edns ? [opt(query.edns)] : []),
  ]);
}

const response = 0x8000;
const recursionAvailable = 0x0080;
/** Whether recursion is wanted and whether unchecked data is. */
const copied = 0x0110;

function addressRecord(address: string): Buffer {
  const data = addressBytes(address);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0); // the name that was asked for
  record.writeUInt16BE(data.length === 16 ? recordType.aaaa : recordType.a, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([record, data]);
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [head = [], tail = []] = withoutDots(address).split('::').map(groups);
  const all = [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  const data = Buffer.alloc(16);
  for (const [index, group] of all.entries()) data.writeUInt16BE(group, 2 * index);
  return data;
}

const groups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

/** `::ffff:1.2.3.4` as `::ffff:102:304`. */
const withoutDots = (address: string): string =>
  address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );

/** @see RFC 6891: root name, type, how much we take over UDP, no extended code, version 0, flags, no options */
function opt({ wantsDnssec }: NonNullable<Query['edns']>): Buffer {
  const record = Buffer.alloc(11);
  record.writeUInt16BE(recordType.opt, 1);
  record.writeUInt16BE(1232, 3);
  record.writeUInt16BE(wantsDnssec ? 0x8000 : 0, 7);
  return record;
}
