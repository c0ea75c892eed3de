import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identify } from '../../src/host/processes.ts';
import { usageOf } from '../../src/host/usage.ts';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

const MiB = 2 ** 20;
let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'chaos-stress-'));
});
afterAll(() => rmSync(place, { recursive: true }));

const scenario = (step: string, directory = place, allow = ''): string => `version: 1
name: Stress
targets:
  machine: { host: local }
  place: { directory: ${directory} }
safety: { allow: [${allow}] }
timeline:
  - { id: load, ${step} }
`;
const figures = (day: GameDay) => day.report().injections[0]!.effect.figures as Record<string, number>;

describe.concurrent('a load on the machine', { timeout: 60_000 }, () => {
  it('keeps a core busy for the share of the time that was asked for', async () => {
    const day = new GameDay(scenario('inject: cpu-stress, target: machine, with: { load: 30%, cores: 1 }, for: 3s'));
    expect(await day.end(), day.stderr).toBe(0);
    expect(figures(day).load).toBeGreaterThan(0.2);
    expect(figures(day).load).toBeLessThan(0.4);
    expect(day.leftovers()).toEqual([]);
  });

  it('holds memory, which the kernel sees and gets back', async () => {
    const day = new GameDay(
      scenario('inject: memory-stress, target: machine, with: { amount: 100MiB, ramp: 200ms }, for: 2s'),
    );
    const { effect } = await day.until('injection-in-force');
    const holder = Number(/pid ([0-9]+)/.exec(effect.summary)![1]);
    expect(usageOf(holder)?.memoryBytes).toBeGreaterThan(100 * MiB);
    expect(await day.end(), day.stderr).toBe(0);
    expect(figures(day).bytes).toBeGreaterThanOrEqual(100 * MiB);
    expect(figures(day).bytes).toBeLessThan(120 * MiB);
    expect(usageOf(holder)?.memoryBytes ?? 0).toBe(0);
  });

  it('writes to a directory and leaves no file in it', async () => {
    const day = new GameDay(
      scenario('inject: disk-stress, target: place, with: { writers: 2, blockSize: 4KiB, fileSize: 1MiB }, for: 1s'),
    );
    await day.until('injection-in-force');
    expect(readdirSync(place)).toEqual([]);
    expect(await day.end(), day.stderr).toBe(0);
    expect(figures(day).writtenBytes).toBeGreaterThan(100 * 4096);
    expect(readdirSync(place)).toEqual([]);
  });

  it('does not take the last gibibyte of a file system that was not named for it', async () => {
    const day = new GameDay(
      scenario('inject: disk-fill, target: place, with: { leave: 1MiB }, for: 1s', place, 'root-filesystem'),
    );
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.stderr).toContain('would stay free');
  });

  it('is told as ended before its time when it was', async () => {
    const day = new GameDay(scenario('inject: memory-stress, target: machine, for: 1500ms'));
    const { effect } = await day.until('injection-in-force');
    process.kill(Number(/pid ([0-9]+)/.exec(effect.summary)![1]), 'SIGKILL');
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.report().reasons.join()).toContain('it ended before its time');
  });

  it.each([
    'inject: cpu-stress, target: machine, for: 60s',
    'inject: memory-stress, target: machine, for: 60s',
    'inject: disk-stress, target: place, with: { fileSize: 1MiB }, for: 60s',
    'inject: disk-fill, target: place, with: { amount: 10MiB, floor: 0B }, for: 60s',
  ])('%s: is gone when the runner is killed', async (step) => {
    const day = new GameDay(scenario(step));
    const { effect } = await day.until('injection-in-force');
    const pid = Number(/pid ([0-9]+)/.exec(effect.summary)![1]);
    expect(usageOf(pid)).toBeDefined();
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(identify(pid)).toBeUndefined();
  });

  it('fills a file system to the last byte, and frees it', async (context) => {
    needs(context, 'root', 'mount');
    const small = mkdtempSync(join(tmpdir(), 'chaos-small-'));
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', small]);
    try {
      const day = new GameDay(
        scenario('inject: disk-fill, target: place, with: { leave: 0B, floor: 0B }, for: 1s', small),
      );
      await day.until('injection-in-force');
      expect(() => writeFileSync(join(small, 'order'), Buffer.alloc(10_000))).toThrow('ENOSPC');
      expect(await day.end(), day.stderr).toBe(0);
      expect(figures(day).bytes).toBeGreaterThan(15 * MiB);
      const { bavail, bsize } = statfsSync(small);
      expect(bavail * bsize).toBeGreaterThan(15 * MiB);
    } finally {
      spawnSync('umount', [small]);
      rmSync(small, { recursive: true });
    }
  });
});
