import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chaos } from '../support/chaos.ts';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'chaos-hostile-'));
});
afterAll(() => rmSync(place, { recursive: true }));

const file = (name: string, content: string | Buffer): string => {
  const path = join(place, name);
  writeFileSync(path, content);
  return path;
};
const scenario = (rest: string): string => `version: 1\nname: Test\n${rest}`;

/** Files that are no scenario, and what is said of each. */
const files: [name: string, make: () => string, said: RegExp][] = [
  [
    'fifty megabytes',
    () => {
      const path = file('large.yaml', scenario('timeline: []\n'));
      truncateSync(path, 50_000_000);
      return path;
    },
    /the file has 50 MB; a scenario has at most 5 MB/,
  ],
  ['a file that is not there', () => join(place, 'none.yaml'), /there is no such file/],
  ['a file under a file', () => join(file('plain', ''), 'x.yaml'), /a part of its path is not a directory/],
  ['a directory', () => place, /this is a directory, not a scenario file/],
  [
    'a pipe that nobody writes to',
    () => {
      execFileSync('mkfifo', [join(place, 'pipe')]);
      return join(place, 'pipe');
    },
    /this is not a regular file/,
  ],
  ['a device', () => '/dev/zero', /this is not a regular file/],
  ['an empty file', () => file('empty.yaml', ''), /1:1 {2}the file is empty/],
  ['nothing but blanks', () => file('blank.yaml', ' \n\n'), /the file is empty/],
  ['Latin-1', () => file('latin.yaml', Buffer.from('version: 1\nname: caf\xe9\n', 'latin1')), /2:10 {2}.*not UTF-8/],
  ['UTF-16', () => file('utf16.yaml', Buffer.from('\ufeffversion: 1\n', 'utf16le')), /1:1 {2}.*not UTF-8/],
  ['a program', () => process.execPath, /the file has \d+ MB/],
  ['a NUL', () => file('nul.yaml', 'version: 1\nname: a\0b\n'), /2:8 {2}the file holds a NUL/],
  ['a million brackets', () => file('deep.yaml', '['.repeat(1_000_000)), /nested more than 100 levels/],
  ['a thousand dashes', () => file('dashes.yaml', '- '.repeat(20_000)), /nested more than 100 levels/],
  [
    'two hundred levels of blocks',
    () => file('blocks.yaml', Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')),
    /nested more than 100 levels/,
  ],
  [
    'an alias bomb',
    () =>
      file(
        'bomb.yaml',
        `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join('\n')}\n`,
      ),
    /aliases multiply this file to more than half a million values/,
  ],
  [
    'twenty thousand keys of one name',
    () => file('keys.yaml', scenario(`timeline:\n  - pause: 1s\n${'a: 1\n'.repeat(20_000)}`)),
    /the key "a" stands here twice/,
  ],
  [
    'one very long line',
    () => file('line.yaml', scenario(`timeline: ${'x'.repeat(2_000_000)}`)),
    /3:11 {2}expected a list/,
  ],
  ['JSON that is not a map', () => file('list.json', '[1, 2]'), /a scenario is made of keys and values/],
  ['JavaScript', () => file('program.js', 'export const a = (b) => ({ c: `${b}` });\n'), /1:31 {2}this is not YAML/],
];

describe.concurrent('what is no scenario is a diagnostic with exit 2', () => {
  it.each(files)('%s', { timeout: 20_000 }, async (_, make, said) => {
    const path = make();
    const { exitCode, stdout, stderr } = await chaos(['validate', path]);
    expect(stderr).toMatch(said);
    expect(stderr.startsWith(path), stderr.slice(0, 200)).toBe(true);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    // However much is wrong, a person can read it.
    expect(stderr.length).toBeLessThan(20_000);
    expect(stderr).not.toContain('    at ');
  });

  it('also when it is to be run', async () => {
    const { exitCode, stderr } = await chaos(['run', join(place, 'none.yaml')], { cwd: place });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('there is no such file');
  });
});

it('a key named __proto__ changes no prototype', async () => {
  const path = file(
    'proto.yaml',
    scenario('timeline: [{ pause: 1s, __proto__: { polluted: 1 } }]\nparameters: { constructor: { type: string } }\n'),
  );
  const { exitCode, stderr } = await chaos(['validate', path]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('"__proto__" cannot be a key');
});

it('a file that begins with a byte order mark is read', async () => {
  mkdirSync(join(place, 'bom'), { recursive: true });
  const path = file('bom/bom.yaml', `\ufeff${scenario('timeline: [{ pause: 1s }]\n')}`);
  expect(await chaos(['validate', path])).toMatchObject({ exitCode: 0, stderr: '' });
});

it('Windows line ends are read, and places are right', async () => {
  const path = file('crlf.yaml', scenario('timeline:\n  - paus: 1s\n').replaceAll('\n', '\r\n'));
  const { stderr } = await chaos(['validate', path]);
  expect(stderr).toContain(':4:5  unknown key "paus"');
  expect(stderr).not.toContain('\r');
});
