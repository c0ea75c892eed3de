import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readJson } from '../../src/parser/json/tree.ts';

/** What JavaScript itself makes of it. */
function parsed(text: string): { value: string } | 'broken' {
  try {
    return { value: JSON.stringify(JSON.parse(text)) };
  } catch {
    return 'broken';
  }
}

it('is read, or called broken, as by JavaScript, whatever was done to it', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '-',
    '0',
    '1e9',
    'null',
    ' ',
    '\t',
    '\n',
    '\f',
    'é',
  );
  const spoilt = fc
    .tuple(fc.json({ maxDepth: 4 }), fc.nat(), fc.nat({ max: 2 }), fc.oneof(pieces, fc.constant('')))
    .map(([text, at, count, piece]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + piece + text.slice(from + count);
    });
  fc.assert(
    fc.property(
      fc.oneof(
        spoilt,
        fc.json(),
        fc.array(pieces).map((some) => some.join('')),
      ),
      (text) => {
        const { value, findings } = readJson(text, 'a.json');
        expect(value === undefined ? 'broken' : { value: JSON.stringify(value) }).toEqual(parsed(text));
        expect(findings.diagnostics()).toHaveLength(value === undefined ? 1 : 0);
      },
    ),
    { numRuns: 3000 },
  );
});

it('has keys that are data, the last of those that stand twice', () => {
  const { value } = readJson('{"__proto__": {"a": 1}, "b": 1, "constructor": null, "b": 2}', 'a.json');
  expect(Object.entries(value as object)).toEqual([
    ['__proto__', { a: 1 }],
    ['b', 2],
    ['constructor', null],
  ]);
});

it('of any depth and size is told, and overflows nothing', () => {
  for (const text of ['['.repeat(1_000_000), '{"a":'.repeat(1_000_000)])
    expect(readJson(text, 'a.json').findings.diagnostics()[0]!.message).toBe(
      'this is broken JSON: it is nested more than 100 levels deep',
    );
  const large = JSON.stringify([...Array(100_000).keys()].map((n) => ({ name: `${n}` })));
  expect(JSON.stringify(readJson(large, 'a.json').value)).toBe(large);
});
