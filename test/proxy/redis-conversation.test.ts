import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Completion } from '../../src/proxy/protocols/conversation.ts';
import { RedisConversation } from '../../src/proxy/protocols/redis/conversation.ts';
import { command } from './support/redis.ts';
import { pieces } from './support/wire.ts';

const at = (ms: number) => ({ ms, serverMs: ms });

/** Lets the client say all at 10 ms, and the server answer at 15 ms. */
function talk(said: Buffer, answered: Buffer, cuts: [number[], number[]] = [[], []]) {
  const conversation = new RedisConversation();
  for (const piece of pieces(said, cuts[0])) conversation.toServer(piece, at(10));
  const found: Completion[] = [];
  for (const piece of pieces(answered, cuts[1])) {
    for (const one of conversation.fromServer(piece, at(15)) ?? []) {
      expect(one.offset).toBeGreaterThanOrEqual(0);
      expect(one.offset).toBeLessThan(piece.length);
      found.push(one);
    }
  }
  return { sight: conversation.sight, found, statements: found.map(({ statement }) => statement) };
}

const cuts = fc.array(fc.nat(), { maxLength: 30 });

/** A reply of either version of the protocol, as bytes. */
const { reply } = fc.letrec<{ reply: string }>((tie) => ({
  reply: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('+OK\r\n', '-ERR no\r\n', ':12\r\n', '_\r\n', '#t\r\n', ',1.5\r\n', '(34928\r\n'),
    fc.constantFrom('$-1\r\n', '*-1\r\n', '$0\r\n\r\n', '*0\r\n', '%0\r\n', '=6\r\ntxt:hi\r\n', '!5\r\nERR x\r\n'),
    fc.string({ unit: 'binary-ascii' }).map((text) => `$${text.length}\r\n${text}\r\n`),
    fc
      .tuple(fc.constantFrom('*', '~'), fc.array(tie('reply'), { maxLength: 4 }))
      .map(([type, inner]) => `${type}${inner.length}\r\n${inner.join('')}`),
    fc
      .array(fc.tuple(tie('reply'), tie('reply')), { maxLength: 3 })
      .map((pairs) => `%${pairs.length}\r\n${pairs.flat().join('')}`),
    tie('reply').map((inner) => `|1\r\n+ttl\r\n:3600\r\n${inner}`),
  ),
}));
const push = '>2\r\n+invalidate\r\n*1\r\n$4\r\ncart\r\n';

test('every command meets its reply, wherever the bytes are cut and whatever is pushed between', () => {
  const exchange = fc.record({ reply, isPushed: fc.boolean(), argument: fc.uint8Array({ maxLength: 60 }) });
  fc.assert(
    fc.property(fc.array(exchange, { minLength: 1, maxLength: 8 }), cuts, cuts, (exchanges, asked, answered) => {
      const said = exchanges.map(({ argument }, index) => command('GET', `k${index}`, Buffer.from(argument)));
      const answers = exchanges.map((one) => `${one.isPushed ? push : ''}${one.reply}`).join('');
      const heard = talk(Buffer.concat(said), Buffer.from(answers, 'latin1'), [asked, answered]);
      expect(heard.sight).toBe('clear');
      expect(heard.statements.map((text) => text!.split(' ', 2)[1])).toEqual(exchanges.map((_, index) => `k${index}`));
      expect(heard.found.map(({ workMs }) => workMs)).toEqual(exchanges.map((_, index) => (index === 0 ? 5 : 0)));
    }),
    { numRuns: 500 },
  );
});

test('whatever is said, it is only listened to', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 200 }).map((any) => Buffer.from(any)),
    fc.constantFrom(command('GET', 'x'), command('SUBSCRIBE', 'x'), command('EXEC'), Buffer.from('PING\r\n')),
    fc.constantFrom('*', '$', '>', '|', '%', '-', '\r\n', '3', '-1').map((text) => Buffer.from(text)),
    reply.map((text) => Buffer.from(text, 'latin1')),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ isClient: fc.boolean(), bytes }), { maxLength: 60 }), (said) => {
      const conversation = new RedisConversation();
      for (const { isClient, bytes } of said) {
        if (isClient) conversation.toServer(bytes, at(1));
        else
          for (const { offset } of conversation.fromServer(bytes, at(2)) ?? [])
            expect(offset).toBeLessThan(bytes.length);
      }
    }),
    { numRuns: 2000 },
  );
});

test('commands may be typed, and empty ones are none', () => {
  const said = Buffer.concat([
    Buffer.from('PING\r\n\r\nset  a 1\n'),
    Buffer.from('*0\r\n*-1\r\n'),
    command('GET', 'a'),
  ]);
  expect(talk(said, Buffer.from('+PONG\r\n+OK\r\n$1\r\n1\r\n')).statements).toEqual(['PING', 'set  a 1', 'GET a']);
});

test('what opens a session, and what waits for others, is no query', () => {
  const said = [
    command('HELLO', '3'),
    command('BLPOP', 'jobs', '5'),
    command('XREAD', 'block', '0', 'STREAMS', 's', '$'),
    command('XREAD', 'STREAMS', 'block', '0'),
    command('GET', 'a'),
  ];
  const answers = `%0\r\n${'*-1\r\n'.repeat(3)}$1\r\n1\r\n`;
  expect(talk(Buffer.concat(said), Buffer.from(answers)).statements).toEqual(['XREAD STREAMS block 0', 'GET a']);
});

test('commands whose reply the client does not want are not waited for', () => {
  const said = [
    command('CLIENT', 'REPLY', 'SKIP'),
    command('SET', 'a', '1'),
    command('GET', 'a'),
    command('client', 'reply', 'off'),
    command('SET', 'a', '2'),
    command('CLIENT', 'REPLY', 'ON'),
    command('GET', 'b'),
  ];
  const heard = talk(Buffer.concat(said), Buffer.from('$1\r\n1\r\n+OK\r\n$1\r\n2\r\n'));
  expect(heard).toMatchObject({ sight: 'clear', statements: ['GET a', 'GET b'] });
});

test.each([
  ['a subscription', command('subscribe', 'news'), '', 'subscription'],
  ['MONITOR', command('MONITOR'), '', 'subscription'],
  ['a replica', command('PSYNC', '?', '-1'), '', 'replication'],
  ['TLS', Buffer.from([0x16, 3, 1]), '', 'encrypted'],
  ['an argument that is none', Buffer.from('*1\r\n:3\r\n'), '', 'malformed'],
  ['an answer that nobody asked for', Buffer.alloc(0), '+OK\r\n', 'malformed'],
  ['a server that is full', Buffer.alloc(0), '-ERR max number of clients reached\r\n', 'clear'],
  ['another protocol', command('GET', 'a'), 'HTTP/1.1 400\r\n', 'malformed'],
])('%s is recognised', (_, said, answered, sight) => {
  expect(talk(said, Buffer.from(answered)).sight).toBe(sight);
});

test('of an answer in many pieces only the last one is its end', () => {
  const conversation = new RedisConversation();
  conversation.toServer(command('GET', 'big'), at(10));
  expect(conversation.fromServer(Buffer.from('$10\r\n01234'), at(11))).toBeUndefined();
  expect(conversation.fromServer(Buffer.from('56789\r'), at(12))).toBeUndefined();
  expect(conversation.fromServer(Buffer.from('\n'), at(30))).toMatchObject([{ offset: 0, workMs: 20 }]);
});
