import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chaos } from '../support/chaos.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaos-init-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('init writes a scenario that is valid as it is', async () => {
  const { exitCode, stdout } = await chaos(['init'], { cwd: folder });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('chaos run scenarios/game-day.yaml');
  const {
    exitCode: validity,
    stdout: verdict,
    stderr,
  } = await chaos(['validate', 'scenarios/game-day.yaml'], { cwd: folder });
  expect(verdict + stderr).toContain('valid');
  expect(validity).toBe(0);
});

test('init points editors to the schema', async () => {
  await chaos(['init', 'a/b.yaml'], { cwd: folder });
  const [, schema] = /\$schema=(.*)/.exec(await readFile(join(folder, 'a', 'b.yaml'), 'utf8'))!;
  expect(JSON.parse(await readFile(join(folder, 'a', schema!), 'utf8'))).toHaveProperty('$schema');
});

test('init does not overwrite what is there', async () => {
  await writeFile(join(folder, 'mine.yaml'), 'mine');
  const { exitCode, stderr } = await chaos(['init', 'mine.yaml'], { cwd: folder });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('mine.yaml');
  expect(await readFile(join(folder, 'mine.yaml'), 'utf8')).toBe('mine');
});

test('init into what is not a folder is a mistake, not a defect', async () => {
  await writeFile(join(folder, 'file'), '');
  const { exitCode, stderr } = await chaos(['init', 'file/day.yaml'], { cwd: folder });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('file/day.yaml');
});
