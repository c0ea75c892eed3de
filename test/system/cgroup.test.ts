import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { usageOf } from '../../src/host/usage.ts';
import { controlGroup, needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

/** Two processes that do all they can, one in a control group of its own, as in a container, and one beside it. */
const burn = 'for (;;);';
let group: string | undefined;
const burning: ChildProcess[] = [];

beforeAll(() => {
  const tree = controlGroup();
  if (!tree) return;
  group = join(tree, `chaos-test-${process.pid}`);
  mkdirSync(group);
  // Half a core for all that is in it.
  if (tree.endsWith('cpu')) writeFileSync(join(group, 'cpu.cfs_quota_us'), '50000');
  else writeFileSync(join(group, 'cpu.max'), '50000 100000');
  for (const within of [true, false]) {
    const child = spawn(process.execPath, ['-e', burn], { stdio: 'ignore' });
    if (within) writeFileSync(join(group, 'cgroup.procs'), String(child.pid));
    burning.push(child);
  }
});
afterAll(async () => {
  for (const child of burning) child.kill('SIGKILL');
  for (let left = 400; group && left > 0 && readFileSync(join(group, 'cgroup.procs'), 'utf8') !== ''; left -= 1)
    await delay(5);
  if (group) rmdirSync(group);
});

const scenario = (fault: string, pid: number) => `version: 1
name: In a container
targets: { app: { running: { pid: ${pid} } } }
timeline:
  - { id: load, inject: ${fault}, target: app, for: 60s }
`;

/** How much of a core a process gets. */
async function shareOf({ pid }: ChildProcess): Promise<number> {
  const before = usageOf(pid!)!.cpuMs;
  const began = performance.now();
  await delay(1000);
  return (usageOf(pid!)!.cpuMs - before) / (performance.now() - began);
}

describe('a load on a process in a control group of its own', { timeout: 60_000 }, () => {
  it('takes from what the group may have, and is gone when the runner is killed', async (context) => {
    const { expect } = context;
    needs(context, 'cgroup');
    const [inside] = burning;
    const alone = await shareOf(inside!);
    const day = new GameDay(scenario('cpu-stress, with: { load: 100%, cores: 1 }', inside!.pid!));
    const { effect } = await day.until('injection-in-force');
    const stress = /pid ([0-9]+)/.exec(effect.summary)![1]!;
    expect(readFileSync(join(group!, 'cgroup.procs'), 'utf8').split('\n')).toContain(stress);
    expect(await shareOf(inside!)).toBeLessThan(alone * 0.75);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(readFileSync(join(group!, 'cgroup.procs'), 'utf8')).toBe(`${inside!.pid}\n`);
    expect(await shareOf(inside!)).toBeGreaterThan(alone * 0.75);
  });

  it('is refused when the process shares the groups of everybody', async (context) => {
    const { expect } = context;
    needs(context, 'cgroup');
    const day = new GameDay(scenario('memory-stress', burning[1]!.pid!));
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.stderr).toContain('app is in no control group of its own');
  });
});
