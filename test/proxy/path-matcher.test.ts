import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pathMatcher } from '../../src/proxy/faults/requests/glob.ts';

it.each([
  ['/orders/*', '/orders/17', true],
  ['/orders/*', '/orders/17/items', false],
  ['/orders/*', '/orders/', true],
  ['/orders/**', '/orders/17/items', true],
  ['/**/items', '/orders/17/items', true],
  ['/**/items', '/orders/17/items/2', false],
  ['/order?', '/orders', true],
  ['/order?', '/order/', false],
  ['/orders', '/orders', true],
  ['/orders', '/Orders', false],
  ['/a.c', '/abc', false],
  ['**', '', true],
])('%s and %s: %s', (glob, path, expected) => {
  expect(pathMatcher(glob)(path)).toBe(expected);
});

it('says the same as a regular expression', () => {
  const wildcards: Record<string, string> = { '**': '.*', '*': '[^/]*', '?': '[^/]' };
  const asRegExp = (glob: string) =>
    new RegExp(`^${glob.replace(/\*\*|[*?]|[$+.]/g, (part) => wildcards[part] ?? `\\${part}`)}$`, 's');
  const text = (characters: string) =>
    fc.array(fc.constantFrom(...characters), { maxLength: 9 }).map((all) => all.join(''));
  fc.assert(
    fc.property(text('a/b.*?'), text('a/b.'), (glob, path) => {
      expect(pathMatcher(glob)(path)).toBe(asRegExp(glob).test(path));
    }),
    { numRuns: 5000 },
  );
});

it('is not kept busy by a path that almost fits in very many ways', () => {
  const path = `/${'a/b/'.repeat(12_000)}`;
  expect(pathMatcher('/**/a**/b**/a*/**b**/c')(path)).toBe(false);
  expect(pathMatcher('/**/a**/b**/a*/**b**')(path)).toBe(true);
});
