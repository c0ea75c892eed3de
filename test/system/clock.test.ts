import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it, type TestContext } from 'vitest';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

/** Programs that write down how far their clock is ahead, again and again, in milliseconds; the real time comes from a file. */
const programs = {
  Node: [
    process.execPath,
    '-e',
    `const { appendFileSync, utimesSync, statSync, writeFileSync } = require('node:fs');
     const [diary] = process.argv.slice(1);
     writeFileSync(diary + '.touched', '');
     setInterval(() => {
       writeFileSync(diary + '.touched', 'x'); // the kernel's own clock
       const real = statSync(diary + '.touched').mtimeMs;
       appendFileSync(diary, Math.round(Date.now() - real) + ' ' + Math.round(performance.now()) + '\\n');
     }, 20);`,
  ],
  'a shell and its children': [
    'sh',
    '-c',
    'while :; do : > "$0.touched"; echo "$(( $(date +%s%3N) - $(stat -c %.3Y "$0.touched" | tr -d .) )) 0" >> "$0"; sleep 0.05; done',
  ],
} as const;

let runs = 0;

class Diary {
  readonly file = join(tmpdir(), `chaos-clock-${process.pid}-${runs++}`);

  #lines(): string[] {
    try {
      return readFileSync(this.file, 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  }

  /** How far the clock was ahead in a line, which is waited for; the first is the one that the program began with. */
  async at(line: number): Promise<number> {
    while (this.#lines().length <= line) await delay(5);
    return Number(this.#lines()[line]!.split(' ')[0]);
  }

  /** How far the clock was ahead in what is written next. */
  next(): Promise<number> {
    return this.at(this.#lines().length + 1);
  }

  scenario(command: readonly string[], fault: string): string {
    return `version: 1
name: Clock
targets: { app: { process: { command: ${JSON.stringify([...command, this.file])} } } }
timeline:
  - { id: before, pause: 2s }
  - { id: skew, inject: clock-skew, target: app, ${fault} }
  - { id: after, pause: 1s }
`;
  }

  remove(): void {
    for (const end of ['', '.touched']) rmSync(this.file + end, { force: true });
  }
}

const withDiary = async (context: TestContext, test: (diary: Diary) => Promise<void>): Promise<void> => {
  needs(context, 'faketime');
  const diary = new Diary();
  try {
    await test(diary);
  } finally {
    diary.remove();
  }
};
const hourMs = 3_600_000;

describe.concurrent('the clock of a process', { timeout: 60_000 }, () => {
  it.for(Object.entries(programs))('%s is wrong for as long as was asked', ([, command], context) =>
    withDiary(context, async (diary) => {
      const { expect } = context;
      const day = new GameDay(diary.scenario(command, 'with: { offset: "-2h" }, for: 2s'));
      expect(Math.abs(await diary.at(0))).toBeLessThan(1000);
      await day.until('injection-in-force');
      expect(Math.abs((await diary.next()) + 2 * hourMs)).toBeLessThan(1000);
      await day.until('injection-undone');
      expect(Math.abs(await diary.next())).toBeLessThan(1000);
      expect(await day.end(), day.stderr).toBe(0);
      const [injection] = day.report().injections;
      expect(injection).toMatchObject({ state: 'undone', gone: true, effect: { seen: 'seen' } });
      expect(injection!.effect.summary).toContain('2h behind');
    }),
  );

  it('goes as fast as was asked, beginning with the right time', (context) =>
    withDiary(context, async (diary) => {
      const { expect } = context;
      const day = new GameDay(diary.scenario(programs.Node, 'with: { offset: 0s, rate: 3 }, for: 3s'));
      await day.until('injection-in-force');
      const [first, began] = [await diary.next(), performance.now()];
      expect(Math.abs(first)).toBeLessThan(1500);
      await delay(1000);
      const gained = (await diary.next()) - first;
      const passed = performance.now() - began;
      expect(gained / passed).toBeGreaterThan(1.5);
      expect(gained / passed).toBeLessThan(2.5);
      expect(await day.end(), day.stderr).toBe(0);
    }));

  it('is right again when the runner is killed, in the moments before the process is stopped', (context) =>
    withDiary(context, async (diary) => {
      const { expect } = context;
      const day = new GameDay(diary.scenario(programs.Node, 'for: 60s'));
      await day.until('injection-in-force');
      expect(await diary.next()).toBeGreaterThan(0.9 * hourMs);
      day.signal('SIGKILL');
      expect(await day.untilClean()).toEqual([]);
    }));

  it('that cannot be reached is not called wrong', (context) =>
    withDiary(context, async (diary) => {
      const { expect } = context;
      // A program that starts without what was to be preloaded, as a static one would.
      const day = new GameDay(diary.scenario(['env', '-u', 'LD_PRELOAD', ...programs.Node], 'for: 500ms'));
      expect(await day.end(), day.stderr).toBe(4);
      expect(day.report().injections[0]!.effect.seen).toBe('unseen');
    }));
});
