import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Completion } from '../../src/proxy/protocols/conversation.ts';
import { PostgresConversation } from '../../src/proxy/protocols/postgres/conversation.ts';
import * as wire from './support/wire.ts';

const ready = wire.message('Z', Buffer.from('I'));
const row = wire.message('D', Buffer.alloc(300, 'x'));
const complete = wire.message('C', Buffer.from('SELECT 1\0'));
const failed = wire.message('E', Buffer.from('SERROR\0\0'));
const at = (ms: number) => ({ ms, serverMs: ms });

/** A conversation that is past its start. */
function opened(): PostgresConversation {
  const conversation = new PostgresConversation();
  conversation.toServer(wire.startup('shop', 'shop'), at(0));
  conversation.fromServer(Buffer.concat([wire.message('R', wire.int32(0)), ready]), at(0));
  return conversation;
}

/** Says these bytes in pieces cut at the given places. @returns completions with offsets in the whole */
function hear(conversation: PostgresConversation, bytes: Buffer, cuts: number[], ms: number): Completion[] {
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  const found: Completion[] = [];
  for (const [index, from] of [0, ...places].entries()) {
    const piece = bytes.subarray(from, places[index] ?? bytes.length);
    for (const one of conversation.fromServer(piece, at(ms)) ?? []) found.push({ ...one, offset: one.offset + from });
  }
  return found;
}

const cuts = fc.array(fc.nat(), { maxLength: 30 });

test('messages are found wherever they are cut', () => {
  const asked = Buffer.concat([
    wire.query('select 1; select 2'),
    wire.parse('x'),
    wire.bind,
    wire.execute(),
    wire.sync,
  ]);
  const answer = Buffer.concat([row, complete, row, row, complete, ready, row, failed, ready]);
  const offsets = [row.length, 3 * row.length + complete.length];
  offsets.push(offsets[1]! + complete.length + ready.length + row.length);
  fc.assert(
    fc.property(cuts, cuts, (askedCuts, answerCuts) => {
      const conversation = opened();
      const places = [0, ...askedCuts.map((cut) => cut % asked.length).sort((a, b) => a - b), asked.length];
      for (let index = 1; index < places.length; index += 1)
        conversation.toServer(asked.subarray(places[index - 1], places[index]), at(10));
      const completions = hear(conversation, answer, answerCuts, 15);
      expect(completions.map(({ offset }) => offset)).toEqual(offsets);
      expect(completions.map(({ workMs }) => workMs)).toEqual([5, 0, 0]);
      expect(conversation.sight).toBe('clear');
    }),
  );
});

test('whatever is said, it is only listened to', () => {
  const talk = fc.array(
    fc.record({
      who: fc.constantFrom('client', 'server'),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        fc.constantFrom(
          wire.sslRequest,
          wire.query('x'),
          wire.execute(),
          wire.sync,
          wire.copyDone,
          ready,
          complete,
          failed,
          row,
        ),
        fc.constantFrom(...'GHWVISN').map((type) => wire.message(type)),
      ),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(talk, fc.boolean(), (said, isOpened) => {
      const conversation = isOpened ? opened() : new PostgresConversation();
      for (const { who, bytes } of said) {
        if (who === 'client') conversation.toServer(bytes, at(1));
        else
          for (const { offset } of conversation.fromServer(bytes, at(2)) ?? [])
            expect(offset).toBeLessThan(bytes.length);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a query that was sent ahead begins when the one before it ended', () => {
  const conversation = opened();
  conversation.toServer(Buffer.concat([wire.query('a'), wire.query('b')]), at(100));
  expect(conversation.fromServer(Buffer.concat([complete, ready]), at(130))).toMatchObject([{ workMs: 30 }]);
  expect(conversation.fromServer(Buffer.concat([complete, ready]), at(135))).toMatchObject([{ workMs: 5 }]);
  conversation.toServer(wire.query('c'), at(500));
  expect(conversation.fromServer(Buffer.concat([complete, ready]), at(507))).toMatchObject([{ gotMs: 500, workMs: 7 }]);
});

test('a commit that comes after the answer of an Execute is work, and Sync alone is none', () => {
  const conversation = opened();
  conversation.toServer(Buffer.concat([wire.parse('insert'), wire.bind, wire.execute(), wire.sync]), at(0));
  expect(conversation.fromServer(complete, at(2))).toMatchObject([{ work: 'query', workMs: 2 }]);
  expect(conversation.fromServer(ready, at(9))).toMatchObject([{ work: 'commit', workMs: 7 }]);
  conversation.toServer(Buffer.concat([wire.parse('prepared'), wire.sync]), at(20));
  expect(conversation.fromServer(Buffer.concat([wire.message('1'), ready]), at(40))).toBeUndefined();
});

test.each([
  ['TLS', [wire.sslRequest], 'S', 'encrypted'],
  ['TLS from the first byte', [Buffer.from([0x16, 3, 1])], '', 'encrypted'],
  ['a server without TLS', [wire.sslRequest, wire.startup('shop', 'shop'), wire.query('a')], 'N', 'clear'],
  ['another protocol', [Buffer.from('GET / HTTP/1.1\r\n\r\n')], '', 'malformed'],
])('%s is recognised', (_, said, answer, sight) => {
  const conversation = new PostgresConversation();
  for (const [index, bytes] of said.entries()) {
    conversation.toServer(bytes, at(0));
    if (index === 0 && answer !== '') conversation.fromServer(Buffer.from(answer), at(0));
  }
  expect(conversation.sight).toBe(sight);
});

test('replication is a stream that is left alone', () => {
  const conversation = opened();
  conversation.toServer(wire.query('START_REPLICATION 0/0'), at(0));
  conversation.fromServer(wire.message('W', Buffer.from([0, 0, 0])), at(1));
  expect(conversation.sight).toBe('replication');
});
