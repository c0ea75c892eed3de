import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chaos, packageRoot } from '../support/chaos.ts';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'chaos-validate-'));
  writeFileSync(join(place, 'good.yaml'), 'version: 1\nname: Good\ntimeline: [{ pause: 1s }]\n');
  writeFileSync(join(place, 'bad.yaml'), 'version: 1\nname: Bad\ntimeline:\n  - paus: 1s\n  - pause: 5\n');
  writeFileSync(
    join(place, 'open.yaml'),
    'version: 1\nname: Open\nparameters: { n: { type: integer } }\ntargets: { a: { running: { pid: "${n}" } } }\ntimeline: [{ inject: process-kill, target: a }]\n',
  );
});
afterAll(() => rmSync(place, { recursive: true }));
const validate = (...argv: string[]) => chaos(['validate', ...argv], { cwd: place });

describe('chaos validate', () => {
  it('says of a valid file what is in it', async () => {
    expect(await validate('good.yaml')).toEqual({
      exitCode: 0,
      stdout: 'good.yaml  valid: 0 targets, 0 probes, 1 step\n',
      stderr: '',
    });
  });

  it('shows every mistake of every file at its place, and answers 2', async () => {
    const { exitCode, stdout, stderr } = await validate('bad.yaml', 'good.yaml', 'none.yaml');
    expect(exitCode).toBe(2);
    expect(stdout).toBe('good.yaml  valid: 0 targets, 0 probes, 1 step\n');
    expect(stderr).toBe(`bad.yaml:4:5  unknown key "paus" in a step

   3 │ timeline:
   4 │   - paus: 1s
     │     ~~~~ did you mean "pause"?  a step takes: id, description, at, after, inject, target, with, for, await, assert, within, run, pause, approve, parallel, sequence

bad.yaml:5:12  5 is no duration

   4 │   - paus: 1s
   5 │   - pause: 5
     │            ~ a duration looks like 250ms, 5s, 2m, 1h30m
none.yaml  there is no such file
`);
  });

  it('tells machines the same as JSON', async () => {
    const { exitCode, stdout, stderr } = await validate('bad.yaml', 'good.yaml', '--format', 'json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
    const [bad, good] = JSON.parse(stdout);
    expect(good).toEqual({ file: 'good.yaml', valid: true, diagnostics: [] });
    expect(bad).toMatchObject({
      file: 'bad.yaml',
      valid: false,
      diagnostics: [
        { severity: 'error', code: 'unknown-key', file: 'bad.yaml', place: { line: 4, column: 5, length: 4 } },
        { severity: 'error', code: 'not-a-duration', place: { line: 5, column: 12, length: 1 } },
      ],
    });
  });

  it('annotates a pull request on GitHub', async () => {
    const { exitCode, stdout } = await validate('bad.yaml', '--format', 'github');
    expect(exitCode).toBe(2);
    expect(stdout.split('\n')[0]).toMatch(
      /^::error file=bad\.yaml,line=4,col=5,endColumn=9,title=unknown-key::unknown key "paus"/,
    );
  });

  it('judges a file whose parameters are not given yet, and with them', async () => {
    expect(await validate('open.yaml')).toMatchObject({ exitCode: 0 });
    expect(await validate('open.yaml', '--set', 'n=17')).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await validate('open.yaml', '--set', 'n=many');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--set n=many: "many" is no integer');
  });

  it('refuses a command line that names no file', async () => {
    const { exitCode, stderr } = await validate();
    expect(exitCode).toBe(2);
    expect(stderr).toContain("missing required argument 'file'");
  });

  const scenarios = readdirSync(join(packageRoot, 'scenarios')).filter((name) => name.endsWith('.yaml'));
  it.each(scenarios)('accepts scenarios/%s, and it can be planned from anywhere', async (name) => {
    const file = join(packageRoot, 'scenarios', name);
    expect(await validate(file)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await chaos(['plan', file, '--commands'], { cwd: place })).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
