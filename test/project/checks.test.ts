import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = new URL('../..', import.meta.url);

test.each([
  ['the code type-checks', ['run', '--silent', 'types']],
  ['the code is formatted and free of lint', ['run', '--silent', 'lint']],
  [
    'schemas, validators and reference pages are those that the code describes',
    ['run', '--silent', 'generate', '--', '--check'],
  ],
  ['nothing is exported, written or installed that nobody uses', ['run', '--silent', 'unused']],
])(
  '%s',
  async (_, argv) => {
    expect(await outputWhenItFails('npm', argv)).toBe('');
  },
  120_000,
);

async function outputWhenItFails(program: string, argv: string[]): Promise<string> {
  try {
    await promisify(execFile)(program, argv, { cwd: root, maxBuffer: 1e8 });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}
