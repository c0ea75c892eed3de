import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chaos, chaosBin } from '../support/chaos.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const commands = ['run', 'validate', 'plan', 'faults', 'probes', 'report', 'recover', 'init', 'schema'];

test.each([['--version'], ['-V']])('%s prints the version and nothing else', async (flag) => {
  expect(await chaos([flag])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});

describe('help', () => {
  test('names every command, what each exit code means, and the environment', async () => {
    const { exitCode, stdout, stderr } = await chaos(['--help']);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    for (const code of [0, 1, 2, 3, 4, 5, 70]) expect(stdout).toMatch(new RegExp(`^ {2}${code} `, 'm'));
    expect(stdout).toContain('NO_COLOR');
  });

  test.each([[[]], ...commands.map((command) => [[command]])])('fits 80 columns: chaos %s --help', async (command) => {
    const { exitCode, stdout } = await chaos([...command, '--help'], { env: { COLUMNS: '200' } });
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('teaches each command with an example', async () => {
    for (const command of commands) expect((await chaos([command, '--help'])).stdout).toContain(`  chaos ${command}`);
  });

  test('goes to stderr, with exit 2, when nothing was asked for', async () => {
    const { exitCode, stdout, stderr } = await chaos([]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: chaos');
  });
});

describe('a wrong command line is exit 2 and says what was meant', () => {
  test.each([
    [['vaildate', 'x.yaml'], "unknown command 'vaildate'", 'Did you mean validate?'],
    [['plan', '--fromat', 'json', 'x.yaml'], "unknown option '--fromat'", 'Did you mean --format?'],
    [['faults', '--format', 'xml'], "argument 'xml' is invalid", 'text, json'],
    [['run'], "missing required argument 'file'", 'chaos run --help'],
    [['run', 'x.yaml', '--set', 'factor'], "argument 'factor' is invalid", '--set factor=20'],
    [['run', 'x.yaml', '--set', '=1'], "argument '=1' is invalid", '--set factor=20'],
    [['run', 'x.yaml', '--seed', '-1'], "argument '-1'", ''],
    [['run', 'x.yaml', '--seed', '4294967296'], "argument '4294967296' is invalid", 'below 4294967296'],
    [['plan', 'a.yaml', 'b.yaml'], "too many arguments for 'plan'", 'chaos plan --help'],
  ])('chaos %s', async (argv, found, meant) => {
    const { exitCode, stdout, stderr } = await chaos(argv);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(found);
    expect(stderr).toContain(meant);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

test.each([[['--version']], [['--help']], [['schema']]])(
  'a reader that leaves is not an error: chaos %s | head',
  async (argv) => {
    const child = spawn(process.execPath, [chaosBin, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(stderr).toBe('');
  },
);

test('without a terminal nothing is coloured, and NO_COLOR outranks FORCE_COLOR', async () => {
  const startOfEscape = '\u001b';
  for (const env of [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }])
    for (const argv of [['faults'], ['validate', 'no-such-file.yaml'], ['--help']]) {
      const { stdout, stderr } = await chaos(argv, { env });
      expect(stdout + stderr).not.toContain(startOfEscape);
    }
});
