import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, it, type TestContext } from 'vitest';
import { freezers, needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

/** A process that does something all the time, and is told of signals, with a child that does the same. */
const busy = `
  const { spawn } = require('node:child_process');
  process.on('SIGCONT', () => console.log('SIGCONT'));
  let count = 0;
  setInterval(() => console.log(++count), 5);
  setInterval(() => spawn('true'), 20);`;

const ended: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ended) await end();
});

/** In a control group of its own, in one of the two kinds of tree. */
class Contained {
  readonly group: string;
  readonly #child: ChildProcess;
  said = '';

  private constructor(tree: string) {
    this.group = join(tree, `chaos-test-${process.pid}-${ended.length}`);
    mkdirSync(this.group);
    this.#child = spawn(process.execPath, ['-e', busy], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout!.on('data', (text) => {
      this.said += text;
    });
    ended.push(() => this.#end());
    writeFileSync(join(this.group, 'cgroup.procs'), String(this.pid));
  }

  static async within(tree: string): Promise<Contained> {
    const contained = new Contained(tree);
    await once(contained.#child.stdout!, 'data');
    return contained;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Whether it says something within a while. */
  async goesOn(): Promise<boolean> {
    await delay(50); // what was on its way has arrived
    const before = this.said;
    for (let left = 60; left > 0 && this.said === before; left -= 1) await delay(5);
    return this.said !== before;
  }

  async #end(): Promise<void> {
    this.#child.kill('SIGKILL');
    for (let left = 400; ; left -= 1) {
      try {
        return rmdirSync(this.group);
      } catch (error) {
        // What it started a moment ago is still on its way out.
        if (left === 0) throw error;
        await delay(5);
      }
    }
  }
}

const scenario = (pid: number, more: string) => `version: 1
name: Frozen
targets: { app: { running: { pid: ${pid} } } }
timeline:
  - { id: pause, inject: process-pause, target: app, with: { via: freezer }, ${more} }
`;

const inEachTree = (name: string, test: (context: TestContext, tree: string) => Promise<void>) =>
  it.for(['v1', 'v2'] as const)(`${name} (%s)`, async (kind, context) => {
    needs(context, 'freezer');
    const tree = freezers()[kind];
    if (tree === undefined) context.skip(`this machine has no freezer of ${kind}`);
    else await test(context, tree);
  });

describe.concurrent('a pause by the freezer', { timeout: 60_000 }, () => {
  inEachTree('stops all that is in the control group, tells nobody, and ends', async ({ expect }, tree) => {
    const app = await Contained.within(tree);
    const day = new GameDay(scenario(app.pid, 'for: 2s'));
    const { effect } = await day.until('injection-in-force');
    expect(effect).toMatchObject({ seen: 'seen', summary: expect.stringContaining('paused') });
    expect(await app.goesOn()).toBe(false);
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]).toMatchObject({ state: 'undone', gone: true, effect: { seen: 'seen' } });
    expect(await app.goesOn()).toBe(true);
    expect(app.said).not.toContain('SIGCONT');
  });

  inEachTree('is over when the runner is killed', async ({ expect }, tree) => {
    const app = await Contained.within(tree);
    const day = new GameDay(scenario(app.pid, 'for: 60s'));
    await day.until('injection-in-force');
    expect(await app.goesOn()).toBe(false);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await app.goesOn()).toBe(true);
  });

  inEachTree('is refused for what stands still already, and leaves it so', async ({ expect }, tree) => {
    const app = await Contained.within(tree);
    const [file, frozen, thawed] = tree.endsWith('freezer')
      ? ['freezer.state', 'FROZEN', 'THAWED']
      : ['cgroup.freeze', '1', '0'];
    writeFileSync(join(app.group, file!), frozen!);
    while (await app.goesOn());
    const day = new GameDay(scenario(app.pid, 'for: 1s'));
    expect(await day.end()).toBe(4);
    expect(day.stderr).toContain('is frozen already');
    expect(await app.goesOn()).toBe(false);
    writeFileSync(join(app.group, file!), thawed!);
    expect(await app.goesOn()).toBe(true);
  });

  it('is refused before the run for a process that shares the groups of everybody', async (context) => {
    const { expect } = context;
    needs(context, 'freezer');
    const child = spawn(process.execPath, ['-e', busy], { stdio: 'ignore' });
    try {
      const day = new GameDay(scenario(child.pid!, 'for: 1s'));
      expect(await day.end()).toBe(4);
      expect(day.stderr).toContain(`app: pid ${child.pid} is in no control group of its own that could be frozen`);
      expect(day.events().some(({ type }) => type === 'injection-armed')).toBe(false);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
