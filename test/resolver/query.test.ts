import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { array, assert, boolean, constantFrom, integer, property, string, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerTo } from '../../src/resolver/message/answer.ts';
import { parseQuery } from '../../src/resolver/message/query.ts';

const name = array(string({ minLength: 1, maxLength: 20, unit: constantFrom(...'abcXYZ019-_') }), {
  minLength: 1,
  maxLength: 8,
}).map((labels) => labels.join('.'));

const types = { A: 1, AAAA: 28, MX: 15, TXT: 16, SRV: 33 } as const;

/** As an independent implementation writes it. */
function query(id: number, asked: string, type: keyof typeof types, edns: 'none' | 'plain' | 'dnssec'): Buffer {
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name: asked, type }],
    additionals:
      edns === 'none'
        ? []
        : [
            {
              type: 'OPT',
              name: '.',
              udpPayloadSize: 4096,
              extendedRcode: 0,
              ednsVersion: 0,
              flags: edns === 'dnssec' ? 0x8000 : 0,
              flag_do: edns === 'dnssec',
              options: [],
            },
          ],
  });
}

const queries = [
  integer({ min: 0, max: 0xffff }),
  name,
  constantFrom('A', 'AAAA', 'MX', 'TXT', 'SRV'),
  constantFrom('none', 'plain', 'dnssec'),
] as const;

describe('a query', () => {
  it('is read as it was written, with and without EDNS', () => {
    assert(
      property(...queries, (id, asked, type, edns) => {
        expect(parseQuery(query(id, asked, type, edns))).toMatchObject({
          id,
          labels: asked.toLowerCase().split('.'),
          type: types[type],
          edns: edns === 'none' ? undefined : { wantsDnssec: edns === 'dnssec' },
        });
      }),
    );
  });

  it('is answered so that another implementation reads it, in the letters that were asked', () => {
    assert(
      property(...queries, constantFrom('nxdomain', 'servfail'), (id, asked, type, edns, code) => {
        const answer = decode(answerTo(parseQuery(query(id, asked, type, edns))!, code));
        expect(answer).toMatchObject({ id, type: 'response', questions: [{ name: asked, type }], answers: [] });
        expect((answer as unknown as { rcode: string }).rcode).toBe(code.toUpperCase());
        expect(answer.additionals).toHaveLength(edns === 'none' ? 0 : 1);
      }),
    );
  });

  it('for an address is answered with any', () => {
    for (const [type, address] of [
      ['A', '203.0.113.7'],
      ['AAAA', '2001:db8::7'],
      ['AAAA', '::1'],
      ['AAAA', '::'],
      ['AAAA', '1:2:3:4:5:6:7:8'],
      ['AAAA', 'fe80::1:0:0:2'],
    ] as const) {
      const { answers } = decode(answerTo(parseQuery(query(1, 'x.test', type, 'plain'))!, 'noError', [address]));
      expect(answers).toMatchObject([{ name: 'x.test', type, ttl: 0, data: address }]);
    }
    const mapped = answerTo(parseQuery(query(1, 'x.test', 'AAAA', 'none'))!, 'noError', ['::ffff:1.2.3.4']);
    expect(mapped.subarray(-16).toString('hex')).toBe('00000000000000000000ffff01020304');
  });

  it('that is broken is no query, and never an exception', () => {
    assert(
      property(uint8Array({ maxLength: 64 }), (bytes) => {
        parseQuery(Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
    assert(
      property(
        ...queries,
        integer({ min: 0 }),
        integer({ min: 0, max: 255 }),
        boolean(),
        (id, asked, type, edns, at, byte, cut) => {
          const message = query(id, asked, type, edns);
          message[at % message.length] = byte;
          const read = parseQuery(cut ? message.subarray(0, at % message.length) : message);
          if (read) decode(answerTo(read, 'nxdomain'));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is not what has several questions, another class or opcode, or is an answer', () => {
    const whole = query(7, 'a.test', 'A', 'none');
    const changed = (at: number, ...bytes: number[]) => {
      const copy = Buffer.from(whole);
      copy.set(bytes, at);
      return parseQuery(copy);
    };
    expect(parseQuery(whole)).toBeDefined();
    expect(changed(2, 0x81)).toBeUndefined(); // an answer
    expect(changed(2, 0x29)).toBeUndefined(); // an update
    expect(changed(4, 0, 2)).toBeUndefined();
    expect(changed(whole.length - 2, 0, 3)).toBeUndefined(); // CHAOS
    expect(changed(12, 0xc0, 0x0c)).toBeUndefined(); // a pointer
  });
});
