import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { command } from '../../src/injectors/command/index.ts';
import { onProcesses } from './support/on-processes.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'command-fault-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

const harm = (parameters: object) => onProcesses(command, { env: {}, timeout: 5000, ...parameters });

test('runs the program that does the harm, and the one that undoes it', async () => {
  const file = join(folder, 'maintenance');
  const injection = harm({ inject: ['touch', file], undo: ['rm', '-f', file] });
  await injection.inject();
  expect(existsSync(file)).toBe(true);
  expect(await injection.inForce()).toEqual({
    seen: 'seen',
    summary: 'touch exited with 0',
    figures: { injectExitCode: 0 },
  });
  await injection.undo();
  await injection.undo();
  expect(existsSync(file)).toBe(false);
  expect(await injection.gone()).toBeUndefined();
});

test('is seen only if the observing program says so', async () => {
  const file = join(folder, 'maintenance');
  const there = harm({ inject: ['touch', file], observe: ['test', '-e', file] });
  await there.inject();
  expect(await there.inForce()).toMatchObject({ seen: 'seen', summary: 'observed by test' });

  const missing = harm({ inject: ['true'], observe: ['ls', join(folder, 'nothing')] });
  await missing.inject();
  expect(await missing.inForce()).toMatchObject({
    seen: 'unseen',
    summary: expect.stringMatching(/^not observed: ls exited with 2, expected 0: .*nothing/),
    figures: { injectExitCode: 0, observeExitCode: 2 },
  });
});

test('is unseen when the program failed, could not be started, or took too long', async () => {
  const summaryOf = async (parameters: object) => {
    const injection = harm(parameters);
    await injection.inject();
    const { seen, summary } = await injection.inForce();
    expect(seen).toBe('unseen');
    return summary;
  };
  expect(await summaryOf({ inject: ['sh', '-c', 'echo no such link >&2; exit 3'] })).toBe(
    'sh exited with 3, expected 0: no such link',
  );
  expect(await summaryOf({ inject: ['no-such-program-here'] })).toBe('there is no program no-such-program-here');
  expect(await summaryOf({ inject: ['sleep', '1000'], timeout: 20 })).toContain('its time limit was over');
});

test('an undo that fails is told as such', async () => {
  const injection = harm({ inject: ['true'], undo: ['sh', '-c', 'exit 4'] });
  await injection.inject();
  await injection.undo();
  expect(await injection.gone()).toBe('sh exited with 4, expected 0');
});

test('programs get the directory and the environment they were given, and their arguments as they are', async () => {
  const injection = harm({
    inject: [
      'sh',
      '-c',
      'test "$(pwd)" = "$1" && test "$WHO" = "$3" && test "$2" = "x y; exit 9"',
      '-',
      folder,
      'x y; exit 9',
      'a; b $(c)',
    ],
    cwd: folder,
    env: { WHO: 'a; b $(c)' },
  });
  await injection.inject();
  expect(await injection.inForce()).toMatchObject({ seen: 'seen' });
});

test('without "undo" there is nothing to undo', async () => {
  const injection = harm({ inject: ['true'] });
  expect(injection.actions.undo).toEqual([]);
  await injection.inject();
  expect(await injection.gone()).toBeUndefined();
});
