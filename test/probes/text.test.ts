import fc from 'fast-check';
import { compile } from 'json-p3';
import { describe, expect, it } from 'vitest';
import { fillIn } from '../../src/probes/fill-in.ts';
import { jsonPathPattern } from '../../src/probes/json/json-path-pattern.ts';
import { oneLine } from '../../src/probes/reasons/one-line.ts';

const looksLikeOne = (path: string): boolean => new RegExp(jsonPathPattern, 'u').test(path);

describe('the pattern that a JSONPath is checked by before the run', () => {
  it.each([
    '$',
    '$.status',
    '$[*].id',
    '$..id',
    '$.orders[0, 2:4].id',
    `$['first-name']["last name"]`,
    `$['it\\'s']`,
    '$.orders[?@.total > 10 && @.state == "open"].id',
    '$.orders[?@.items[0].price < 5]',
    '$.orders[?@.items[?@.price > 5]].id',
    `$.a[?@['b]'] == ']']`,
    '$.größe',
    '$.first-name',
    '$ .a [0]',
    '$..[0]',
    '$..*',
    '$.*',
    '$[?length(@.name) > 3]',
  ])('takes %s, which is one', (path) => {
    expect(() => compile(path)).not.toThrow();
    expect(looksLikeOne(path)).toBe(true);
  });

  it.each(['', 'id', '[*].id', '$[*.id', '$.', '$.-a', '$[', '$]', '$..', '$[]', `$['a]`, '$.a b', '$ids'])(
    'refuses %s, which is none',
    (path) => {
      expect(() => compile(path)).toThrow();
      expect(looksLikeOne(path)).toBe(false);
    },
  );

  it('refuses nothing that is a JSONPath', () => {
    const name = fc.constantFrom('.a', '.b_1', '.*', '..c', '..*');
    const selector = fc.constantFrom('0', '-1', '1:2', '*', "'x y'", '"[q"', '?@.a', '?@["]"] == 1', '?count(@.*)>1');
    const brackets = fc.array(selector, { minLength: 1, maxLength: 3 }).map((list) => `[${list.join(',')}]`);
    const path = fc.array(fc.oneof(name, brackets), { maxLength: 6 }).map((segments) => `$${segments.join('')}`);
    fc.assert(
      fc.property(path, (text) => {
        compile(text);
        return looksLikeOne(text);
      }),
    );
  });

  it('never backtracks: a hostile text is judged before the test runs out of time', () => {
    for (const piece of ['[', "['", '.a', '[[', '..', "[''", '[?@', ' ', '["\\'])
      expect(looksLikeOne(`$${piece.repeat(20_000)}!`)).toBe(false);
  });
});

describe('a reason', () => {
  it('is one line of at most 300 characters, whatever others wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const line = oneLine(text);
        expect(line.length).toBeLessThanOrEqual(300);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
        expect(Buffer.from(line).toString()).toBe(line);
      }),
    );
  });

  it('is not changed when it is decent', () => {
    expect(oneLine('status 503, expected 200: {"größe": "日本"} 🙂')).toBe(
      'status 503, expected 200: {"größe": "日本"} 🙂',
    );
  });
});

describe('what the run gives', () => {
  it('is put in its places in every text', () => {
    const given = { run: 'r1', entry: 'r1-7' };
    expect(fillIn({ url: '/${run}/${entry}', list: ['${run}', 1, null, true], other: '${factor}' }, given)).toEqual({
      url: '/r1/r1-7',
      list: ['r1', 1, null, true],
      other: '${factor}',
    });
  });

  it('is not looked for in what was put in, nor in prototypes', () => {
    expect(fillIn('${run}', { run: '${entry}', entry: 'x' })).toBe('${entry}');
    expect(fillIn('${constructor} ${toString}', {})).toBe('${constructor} ${toString}');
    const hostile = JSON.parse('{"__proto__": {"a": "${run}"}}');
    const filled = fillIn(hostile, { run: 'r' });
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
    expect(JSON.stringify(filled)).toBe('{"__proto__":{"a":"r"}}');
  });
});
