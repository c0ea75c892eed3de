import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Item } from '../../src/proxy/flow/item.ts';
import type { Conversation } from '../../src/proxy/protocols/conversation.ts';
import { protocols } from '../../src/proxy/protocols/registry.ts';
import { ErrorGate } from '../../src/proxy/protocols/statements/error-gate.ts';
import { Failures } from '../../src/proxy/protocols/statements/failures.ts';
import { StatementGate } from '../../src/proxy/protocols/statements/statement-gate.ts';
import { command } from './support/redis.ts';
import * as wire from './support/wire.ts';

const at = { ms: 0, serverMs: 0 };

/** What goes to the server of what a client says in such pieces, when some of its statements fail. */
function throughGate(conversation: Conversation, pieces: Iterable<Buffer>, fails: (text: string) => boolean): string {
  const failures = new Failures();
  const gate = new StatementGate(conversation, () => at, failures, new ErrorGate(conversation, failures));
  const sent: Buffer[] = [];
  gate.next = {
    take(item: Item) {
      if (item.kind === 'bytes') sent.push(Buffer.from(item.bytes));
    },
  };
  const error = { code: 'X', state: 'HY000', message: 'x' };
  gate.watch({ asked: (text) => (fails(text ?? '') ? { error, settled() {} } : undefined), lost() {} });
  for (const bytes of pieces) gate.take({ kind: 'bytes', bytes });
  return Buffer.concat(sent)
    .toString('latin1')
    .replaceAll(/chaos_[0-9a-f]+_/g, 'chaos_');
}

const sayings: [string, () => Conversation, Buffer][] = [
  [
    'PostgreSQL',
    () => protocols.postgres()!,
    Buffer.concat([
      wire.startup('shop', 'shop'),
      wire.query('select 1'),
      wire.query(`fail ${'x'.repeat(3000)}`),
      wire.parse('fail too'),
      wire.bind,
      wire.execute(),
      wire.sync,
      wire.parse('select 2'),
      wire.bind,
      wire.execute(),
      wire.sync,
      wire.query('commit'),
      wire.query('fail at last'),
    ]),
  ],
  [
    'Redis',
    () => protocols.redis()!,
    Buffer.concat([
      command('GET', 'a'),
      command('fail', 'x'.repeat(3000)),
      Buffer.from('fail inline\r\nGET b\r\n'),
      command('SET', 'large', 'y'.repeat(100_000)),
      command('fail'),
      command('EXEC'),
    ]),
  ],
];

test.each(sayings)('what goes to a server of %s does not depend on the pieces in which it comes', (_, begin, bytes) => {
  const fails = (text: string) => text.startsWith('fail');
  const whole = throughGate(begin(), [bytes], fails);
  expect(whole.match(/chaos_[0-9]/g)).toEqual(['chaos_1', 'chaos_2', 'chaos_3']);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length - 1 }), { maxLength: 40 }), (cuts) => {
      expect(throughGate(begin(), wire.pieces(bytes, cuts), fails)).toBe(whole);
    }),
  );
});

test.each(sayings)('nothing of %s is changed when nothing fails', (_, begin, bytes) => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length - 1 }), { maxLength: 40 }), (cuts) => {
      expect(throughGate(begin(), wire.pieces(bytes, cuts), () => false)).toBe(bytes.toString('latin1'));
    }),
  );
});

test('what ends a transaction passes, behind comments as well', () => {
  const ending = wire.query('/* app:shop */ -- who\n COMMIT');
  const opening = wire.startup('shop', 'shop');
  const sent = throughGate(protocols.postgres()!, [opening, ending, wire.query('/* commit */ select 1')], () => true);
  expect(sent.startsWith(Buffer.concat([opening, ending]).toString('latin1'))).toBe(true);
  expect(sent).toContain('chaos_1');
});
