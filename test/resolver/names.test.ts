import { describe, expect, it } from 'vitest';
import { nameMatcher } from '../../src/resolver/message/names.ts';

const fits = (pattern: string, name: string): boolean =>
  nameMatcher([pattern])(name === '.' ? [] : name.toLowerCase().split('.'));

describe('a pattern of names', () => {
  it('stands for a name, whatever its case and with or without a dot at its end', () => {
    for (const pattern of ['db.internal', 'DB.Internal', 'db.internal.']) {
      expect(fits(pattern, 'db.internal')).toBe(true);
      expect(fits(pattern, 'x.db.internal')).toBe(false);
      expect(fits(pattern, 'internal')).toBe(false);
    }
  });

  it('with a star stands for everything below, and alone for everything', () => {
    expect(fits('*.example.com', 'a.example.com')).toBe(true);
    expect(fits('*.example.com', 'b.a.example.com')).toBe(true);
    expect(fits('*.example.com', 'example.com')).toBe(false);
    expect(fits('*.example.com', 'anexample.com')).toBe(false);
    for (const name of ['.', 'com', 'a.b.c']) expect(fits('*', name)).toBe(true);
  });
});
