import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Completion } from '../../src/proxy/protocols/conversation.ts';
import { MysqlConversation } from '../../src/proxy/protocols/mysql/conversation.ts';
import { pieces } from './support/wire.ts';

const at = (ms: number) => ({ ms, serverMs: ms });
const packet = (sequence: number, payload: string | Buffer | number[]): Buffer => {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : Buffer.from(payload);
  return Buffer.concat([
    Buffer.from([body.length & 0xff, (body.length >> 8) & 0xff, body.length >> 16, sequence]),
    body,
  ]);
};

const flag = { mysql: 1, compress: 2 ** 5, protocol41: 2 ** 9, tls: 2 ** 11, deprecateEof: 2 ** 24 };
const plain = flag.mysql + flag.protocol41;
const greeting = (flags: number): Buffer => {
  const low = [flags & 0xff, (flags >> 8) & 0xff];
  const high = [(flags >> 16) & 0xff, (flags >> 24) & 0xff];
  const rest = [...Array(13).fill(1), ...low, 8, 2, 0, ...high, 21, ...Array(10).fill(0), ...Array(13).fill(1)];
  return packet(0, Buffer.concat([Buffer.from('\n10.11.6-MariaDB\0'), Buffer.from(rest)]));
};
const login = (flags: number, rest = 'shop\0\0'): Buffer => {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(flags);
  return packet(1, Buffer.concat([head, Buffer.from(rest)]));
};
const query = (sql: string) => packet(0, `\x03${sql}`);
const okPacket = (status = 2, sequence = 1) => packet(sequence, [0, 0, 0, status, 0, 0, 0]);
const errorPacket = packet(1, '\xff\x7a\x04#42S02no such table');
const definition = packet(2, '\x03def\x04shop\x01a');
const row = packet(4, '\x05hello');
const end = (status: number, deprecates: boolean) =>
  packet(5, deprecates ? [0xfe, 0, 0, status, 0, 0, 0] : [0xfe, 0, 0, status, 0]);
const result = (deprecates: boolean, status = 2) =>
  Buffer.concat([
    ...[packet(1, [2]), definition, definition, ...(deprecates ? [] : [end(2, false)])],
    ...[row, packet(4, [0xfb]), end(status, deprecates)],
  ]);

/** A conversation whose client is logged in. */
function opened(flags = plain): MysqlConversation {
  const conversation = new MysqlConversation();
  conversation.fromServer(greeting(flags), at(0));
  conversation.toServer(login(flags), at(0));
  // A server may ask for another way to authenticate.
  conversation.fromServer(packet(2, '\xfemysql_native_password\0abcdefgh'), at(0));
  conversation.toServer(packet(3, '12345678901234567890'), at(0));
  conversation.fromServer(okPacket(2, 4), at(0));
  return conversation;
}

function hear(conversation: MysqlConversation, bytes: Buffer, cuts: number[] = [], ms = 15): Completion[] {
  const found: Completion[] = [];
  for (const piece of pieces(bytes, cuts)) {
    for (const one of conversation.fromServer(piece, at(ms)) ?? []) {
      expect(one.offset).toBeGreaterThanOrEqual(0);
      expect(one.offset).toBeLessThan(piece.length);
      found.push(one);
    }
  }
  return found;
}

const cuts = fc.array(fc.nat(), { maxLength: 30 });

test.each([
  ['EOF packets', false],
  ['OK packets', true],
])('queries meet their results wherever the bytes are cut, with %s behind rows', (_, deprecates) => {
  const answer = fc.constantFrom(
    ...[okPacket(), errorPacket, result(deprecates)],
    Buffer.concat([result(deprecates, 0x0a), okPacket(0x0a), result(deprecates)]),
  );
  const results = (bytes: Buffer) => (bytes.length > result(deprecates).length + 5 ? 3 : 1);
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 6 }), cuts, cuts, (answers, askedCuts, answerCuts) => {
      const conversation = opened(plain + (deprecates ? flag.deprecateEof : 0));
      const asked = Buffer.concat(answers.map((_, index) => query(`select ${index}`)));
      for (const piece of pieces(asked, askedCuts)) conversation.toServer(piece, at(10));
      const found = hear(conversation, Buffer.concat(answers), answerCuts);
      expect(conversation.sight).toBe('clear');
      const expected = answers.flatMap((bytes, index) => Array(results(bytes)).fill(`select ${index}`));
      expect(found.map(({ statement }) => statement)).toEqual(expected);
      expect(found[0]!.workMs).toBe(5);
    }),
    { numRuns: 500 },
  );
});

test('prepared statements are known by their text, also when they are executed before the answer', () => {
  const prepared = packet(1, [0, 7, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0]);
  const definitions = Buffer.concat([definition, definition, end(2, false), definition, end(2, false)]);
  const conversation = opened();
  const execute = (id: number[]) => packet(0, [0x17, ...id, 0, 1, 0, 0, 0]);
  conversation.toServer(Buffer.concat([packet(0, '\x16select ?, ?'), execute([0xff, 0xff, 0xff, 0xff])]), at(10));
  expect(hear(conversation, Buffer.concat([prepared, definitions]))).toEqual([]);
  expect(hear(conversation, result(false))).toMatchObject([{ work: 'query' }]);
  conversation.toServer(Buffer.concat([execute([7, 0, 0, 0]), packet(0, [0x19, 7, 0, 0, 0])]), at(20));
  expect(hear(conversation, result(false))).toMatchObject([{ statement: 'select ?, ?' }]);
});

test('a cursor is opened, and its rows are fetched', () => {
  const conversation = opened();
  conversation.toServer(packet(0, [0x17, 7, 0, 0, 0, 1, 1, 0, 0, 0]), at(10));
  const openedCursor = Buffer.concat([packet(1, [1]), definition, end(0x42, false)]);
  expect(hear(conversation, openedCursor)).toHaveLength(1);
  conversation.toServer(packet(0, [0x1c, 7, 0, 0, 0, 5, 0, 0, 0]), at(20));
  expect(hear(conversation, Buffer.concat([packet(1, '\0\0hello'), end(0x82, false)]))).toHaveLength(1);
  expect(conversation.sight).toBe('clear');
});

test('a local file is no command, whatever it holds', () => {
  const conversation = opened();
  conversation.toServer(query("load data local infile 'x' into table a"), at(10));
  expect(hear(conversation, packet(1, '\xfbx'))).toEqual([]);
  conversation.toServer(Buffer.concat([packet(2, '\x01,2\n'), packet(0, '\x12'), packet(3, '')]), at(20));
  expect(hear(conversation, okPacket())).toEqual([]);
  conversation.toServer(query('select 1'), at(30));
  expect(hear(conversation, result(false), [], 40)).toMatchObject([{ statement: 'select 1', workMs: 10 }]);
});

test('progress that MariaDB reports is no error, and a packet of 16 MiB is one with what follows it', () => {
  const conversation = opened();
  conversation.toServer(query('alter table a force'), at(10));
  expect(hear(conversation, packet(1, '\xff\xff\xff\x01\x01\x02'))).toEqual([]);
  expect(hear(conversation, okPacket())).toHaveLength(1);
  conversation.toServer(query('select big'), at(20));
  const long = Buffer.concat([packet(4, Buffer.alloc(0xff_ff_ff, 'x')), packet(5, '\xfe\0\0\0\0')]);
  const answer = Buffer.concat([packet(1, [1]), definition, end(2, false), long, row, end(2, false)]);
  expect(hear(conversation, answer, [0xff_ff_f0, 0xff_ff_ff + 40])).toHaveLength(1);
});

test.each([
  ['a request for TLS', greeting(plain + flag.tls), login(plain + flag.tls, ''), 'encrypted'],
  ['compression', greeting(plain + flag.compress), login(plain + flag.compress), 'compressed'],
  ['compression that the server does not know', greeting(plain), login(plain + flag.compress), 'clear'],
  ['a server that is full', packet(0, '\xff\x10\x04Too many connections'), Buffer.alloc(0), 'clear'],
  ['a client that speaks first', Buffer.alloc(0), Buffer.from('GET / HTTP/1.1\r\nHost: me\r\n\r\n'), 'malformed'],
  ['another protocol', Buffer.from('220 mail ESMTP ready\r\n'), Buffer.alloc(0), 'malformed'],
  ['an old protocol', packet(0, '\x09old'), Buffer.alloc(0), 'malformed'],
])('%s is recognised', (_, greeted, said, sight) => {
  const conversation = new MysqlConversation();
  conversation.fromServer(greeted, at(0));
  if (said.length > 0) conversation.toServer(said, at(1));
  expect(conversation.sight).toBe(sight);
});

test.each([
  ['a replica', packet(0, '\x12\0\0'), 'replication'],
  ['a command that nobody knows', packet(0, '\x77'), 'malformed'],
])('%s is recognised', (_, said, sight) => {
  const conversation = opened();
  conversation.toServer(said, at(1));
  expect(conversation.sight).toBe(sight);
});

test('whatever is said, it is only listened to', () => {
  const said = fc.record({
    isClient: fc.boolean(),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => packet(0, Buffer.from(bytes))),
      fc.constantFrom(query('x'), packet(0, '\x16x'), packet(1, '\xfbx'), row, definition, packet(2, '')),
      fc.constantFrom(okPacket(), okPacket(0x0a), errorPacket, end(2, false), result(false), result(true)),
    ),
  });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 60 }), fc.boolean(), (all, isOpened) => {
      const conversation = isOpened ? opened() : new MysqlConversation();
      for (const { isClient, bytes } of all) {
        if (isClient) conversation.toServer(bytes, at(1));
        else hear(conversation, bytes);
      }
    }),
    { numRuns: 2000 },
  );
});
