import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { chaos } from '../support/chaos.ts';
import { GameDay, hello } from './support/game-day.ts';

const hanging = hello('timeline:\n  - { id: hang, inject: process-pause, target: hello, for: 60s }\n');

/** What somebody at another terminal can see of runs, and do about them. */
describe.concurrent('from another terminal', { timeout: 60_000 }, () => {
  const elsewhere = (day: GameDay, ...argv: string[]) => chaos(argv, { env: { XDG_STATE_HOME: day.place } });
  const runOf = async (day: GameDay) => (await day.until('run-started')).run;

  it('chaos status lists a run and its faults, and chaos stop ends it and undoes them', async ({ expect }) => {
    const day = new GameDay(hanging);
    const run = await runOf(day);
    await day.until('injection-in-force');
    const { exitCode, stdout } = await elsewhere(day, 'status');
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${run}  in progress`) });
    expect(stdout).toMatch(/hang, undone by: kill -s CONT [0-9]+/);
    const [known] = JSON.parse((await elsewhere(day, 'status', '--format', 'json')).stdout);
    expect(known).toMatchObject({ run, state: 'in-progress', pid: day.pid, faults: [{ step: 'hang' }] });

    const stopped = await elsewhere(day, 'stop', run);
    expect(stopped).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('everything undone') });
    expect(day.leftovers()).toEqual([]); // it returned only then
    expect(await day.end()).toBe(3);
    expect((await elsewhere(day, 'status')).stdout).toContain('No run is in progress');
  });

  it('chaos stop kills a run that does not react, and its guardian undoes', async ({ expect }) => {
    const day = new GameDay(hanging);
    await day.until('injection-in-force');
    process.kill(day.pid, 'SIGSTOP');
    const stopped = await elsewhere(day, 'stop', '--grace', '300ms');
    expect(stopped).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('does not end') });
    expect(day.leftovers()).toEqual([]);
  });

  it('a run that is not there cannot be stopped, and with none there is nothing to stop', async ({ expect }) => {
    const day = new GameDay(hanging);
    const run = await runOf(day);
    const wrong = await elsewhere(day, 'stop', `${run.slice(0, -1)}_`);
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`did you mean "${run}"?`) });
    expect((await elsewhere(day, 'stop')).exitCode).toBe(0);
    expect(await elsewhere(day, 'stop')).toMatchObject({ exitCode: 0, stdout: 'No run is in progress.\n' });
  });

  it('another run that would harm the same is refused, and one that harms something else is not', async ({
    expect,
  }) => {
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    const attached = (pid: number, held: string) => `version: 1
name: Attached
targets: { it: { running: { pid: ${pid} } } }
timeline:
  - { inject: process-pause, target: it, for: ${held} }
`;
    const first = new GameDay(attached(other.pid!, '60s'));
    const run = await runOf(first);
    await first.until('injection-in-force');
    const state = { env: { XDG_STATE_HOME: first.place } };
    const second = new GameDay(attached(other.pid!, '100ms').replace('process-pause', 'file-descriptors'), state);
    expect(await second.end()).toBe(4);
    expect(second.stderr).toContain(`the process ${other.pid} is being harmed by the run ${run} (Attached)`);
    const third = new GameDay(hello('timeline:\n  - { inject: process-pause, target: hello, for: 100ms }\n'), state);
    expect(await third.end(), third.stderr).toBe(0);
    expect((await elsewhere(first, 'stop')).exitCode).toBe(0);
    other.kill();
  });

  it('what cannot be undone is kept until it is forgotten, and why is kept with it', async ({ expect }) => {
    const day = new GameDay(`version: 1
name: Stuck
timeline:
  - { id: stuck, inject: command, with: { inject: ["true"], undo: [sh, -c, "exit 9"] }, for: 100ms }
`);
    const run = await runOf(day);
    expect(await day.end()).toBe(5);
    expect(await elsewhere(day, 'status')).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('DEAD') });
    expect((await elsewhere(day, 'recover')).exitCode).toBe(5);
    expect((await elsewhere(day, 'recover', '--forget', run)).exitCode).toBe(2);
    expect((await elsewhere(day, 'recover', '--forget', 'other', '--because', 'x')).exitCode).toBe(2);
    const forgotten = await elsewhere(day, 'recover', '--forget', run, '--because', 'the machine is gone');
    expect(forgotten).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("sh -c 'exit 9'") });
    expect(readdirSync(join(day.place, 'chaos', 'journals'))).toEqual([]);
    const kept = JSON.parse(readFileSync(join(day.place, 'chaos', 'forgotten.ndjson'), 'utf8'));
    expect(kept).toMatchObject({ run, because: 'the machine is gone', undos: [{ step: 'stuck' }] });
    expect((await elsewhere(day, 'status')).exitCode).toBe(0);
  });

  it('what runner and guardian left together is seen, and undone by chaos recover', async ({ expect }) => {
    const day = new GameDay(hanging);
    const run = await runOf(day);
    await day.until('injection-in-force');
    const guardian = await day.helper('chaos-guardian');
    process.kill(day.pid, 'SIGSTOP'); // so that it starts no other
    process.kill(guardian, 'SIGKILL');
    day.signal('SIGKILL');
    await day.end();
    expect(await elsewhere(day, 'status')).toMatchObject({
      exitCode: 5,
      stdout: expect.stringContaining(`${run}  DEAD`),
    });
    expect((await elsewhere(day, 'recover')).exitCode).toBe(0);
    expect(day.leftovers()).toEqual([]);
  });
});
