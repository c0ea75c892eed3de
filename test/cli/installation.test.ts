import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chaos, packageRoot } from '../support/chaos.ts';

let copy: string;
let bin: string;
beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'chaos-installation-'));
  for (const part of ['bin', 'dist', 'schema', 'package.json'])
    await cp(join(packageRoot, part), join(copy, part), { recursive: true });
  bin = join(copy, 'bin', 'chaos.cjs');
});
afterEach(() => rm(copy, { recursive: true }));

test('it runs without its source and without node_modules', async () => {
  expect(await chaos(['schema'], { bin })).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await chaos(['faults'], { bin })).toMatchObject({ exitCode: 0, stderr: '' });
});

test('a code cache that V8 rejects is not noticed', async () => {
  const code = join(copy, 'dist', 'code');
  for (const file of await readdir(code))
    if (file.endsWith('.cache')) await writeFile(join(code, file), 'not what V8 wrote');
  expect(await chaos(['schema'], { bin })).toMatchObject({ exitCode: 0, stderr: '' });
});

test('a defect of ours is exit 70, a stack in terms of the source, and a request to report it', async () => {
  await rm(join(copy, 'schema'), { recursive: true });
  const { exitCode, stdout, stderr } = await chaos(['schema'], { bin });
  expect(exitCode).toBe(70);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/ENOENT[\s\S]*src\/cli\/commands\/schema\.ts:\d+:\d+/);
  expect(stderr).toContain('This is a defect of chaos');
});

test('a checkout that was not built says how to build it', async () => {
  await rm(join(copy, 'dist'), { recursive: true });
  const { exitCode, stderr } = await chaos(['schema'], { bin });
  expect(exitCode).toBe(70);
  expect(stderr).toContain('npm run build');
});

test.each([['run', 'scenarios/first.yaml'], ['recover']])(
  'chaos %s where undo journals cannot lie touches nothing, and says where that is',
  async (...argv) => {
    const { exitCode, stderr } = await chaos(argv, { cwd: packageRoot, env: { XDG_STATE_HOME: '/proc' } });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^\/proc\/chaos\/journals {2}undo journals cannot lie here: /);
  },
);
