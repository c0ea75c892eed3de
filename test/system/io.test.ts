import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it, type TestContext } from 'vitest';
import { processState, tracerOf } from '../../src/host/processes.ts';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

/** Writes and syncs one file again and again, and writes into another what came of it, and after how many milliseconds. */
const program = `
const { open, appendFile } = require('node:fs/promises');
(async () => {
  const [data, diary] = process.argv.slice(1);
  for (;;) {
    const began = performance.now();
    const file = await open(data, 'w');
    const outcome = await file.write('order').then(() => file.datasync()).then(() => 'ok', (error) => error.code);
    await file.close();
    await appendFile(diary, outcome + ' ' + Math.round(performance.now() - began) + '\\n');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
})();`;

/** A service with a file, that was there before the run. */
class Writer {
  readonly #place = mkdtempSync(join(tmpdir(), 'chaos-io-'));
  readonly #diary = join(this.#place, 'diary');
  readonly #child: ChildProcess;

  constructor() {
    writeFileSync(this.#diary, '');
    const argv = ['-e', program, join(this.#place, 'data'), this.#diary];
    this.#child = spawn(process.execPath, argv, { stdio: 'ignore' });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  scenario(fault: string): string {
    return `version: 1
name: Files
targets: { writer: { running: { pid: ${this.pid} } } }
timeline:
  - { id: harm, target: writer, ${fault} }
`.replaceAll('PLACE', this.#place);
  }

  /** What comes of the next writes, once those that were under way are over. */
  async next(count: number): Promise<{ outcome: string; ms: number }[]> {
    const written = () => readFileSync(this.#diary, 'utf8').split('\n').slice(0, -1);
    const from = written().length + 1;
    while (written().length < from + count) await delay(5);
    return written()
      .slice(from, from + count)
      .map((line) => ({ outcome: line.split(' ')[0]!, ms: Number(line.split(' ')[1]) }));
  }

  isFree(): boolean {
    return tracerOf(this.pid) === 0 && processState({ pid: this.pid, startTime: '' }).state !== 'stopped';
  }

  remove(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#place, { recursive: true, force: true });
  }
}

const withWriter = (name: string, test: (writer: Writer, context: TestContext) => Promise<void>) =>
  it(name, { timeout: 60_000 }, async (context) => {
    needs(context, 'strace');
    const writer = new Writer();
    try {
      await writer.next(1);
      await test(writer, context);
    } finally {
      writer.remove();
    }
  });

const outcomes = (all: { outcome: string }[]) => new Set(all.map(({ outcome }) => outcome));
const broken = 'inject: io-error, with: { errno: ENOSPC, paths: [PLACE/data] }, for: 60s';

describe.concurrent('the files of a process', () => {
  withWriter('fail as was asked, those that are meant, and only as long', async (writer, { expect }) => {
    const day = new GameDay(writer.scenario('inject: io-error, with: { errno: ENOSPC, paths: [PLACE/data] }, for: 2s'));
    await day.until('injection-in-force');
    expect(outcomes(await writer.next(5))).toEqual(new Set(['ENOSPC']));
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]).toMatchObject({ state: 'undone', gone: true, effect: { seen: 'seen' } });
    expect(outcomes(await writer.next(20))).toEqual(new Set(['ok']));
    expect(writer.isFree()).toBe(true);
  });

  withWriter('fail every so often', async (writer, { expect }) => {
    const day = new GameDay(
      writer.scenario('inject: io-error, with: { operations: [sync], every: 4, paths: [PLACE] }, for: 3s'),
    );
    await day.until('injection-in-force');
    expect(outcomes(await writer.next(60))).toEqual(new Set(['ok', 'EIO']));
    expect(await day.end(), day.stderr).toBe(0);
  });

  withWriter('are slow for as long as was asked', async (writer, { expect }) => {
    const day = new GameDay(
      writer.scenario('inject: io-delay, with: { latency: 120ms, operations: [sync], paths: [PLACE/data] }, for: 2s'),
    );
    await day.until('injection-in-force');
    for (const { outcome, ms } of await writer.next(4)) {
      expect(outcome).toBe('ok');
      expect(ms).toBeGreaterThanOrEqual(119);
    }
    expect(await day.end(), day.stderr).toBe(0);
    expect(Math.min(...(await writer.next(20)).map(({ ms }) => ms))).toBeLessThan(100);
  });

  withWriter('are well again when the runner is killed', async (writer, { expect }) => {
    const day = new GameDay(writer.scenario(broken));
    await day.until('injection-in-force');
    expect(outcomes(await writer.next(2))).toEqual(new Set(['ENOSPC']));
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(outcomes(await writer.next(10))).toEqual(new Set(['ok']));
    expect(writer.isFree()).toBe(true);
  });

  withWriter('are well again by the kernel itself when runner and guardian are killed', async (writer, { expect }) => {
    const day = new GameDay(writer.scenario(broken));
    await day.until('injection-in-force');
    const guardian = await day.helper('chaos-guardian');
    process.kill(day.pid, 'SIGSTOP'); // so that it starts no other
    process.kill(guardian, 'SIGKILL');
    day.signal('SIGKILL');
    await day.end();
    while (!writer.isFree()) await delay(5);
    expect(outcomes(await writer.next(10))).toEqual(new Set(['ok']));
  });

  withWriter(
    'are well again when the tracer is killed, and the run does not call that seen',
    async (writer, { expect }) => {
      const day = new GameDay(writer.scenario(broken.replace('60s', '2s')));
      await day.until('injection-in-force');
      process.kill(tracerOf(writer.pid), 'SIGKILL');
      expect(await day.end(), day.stderr).toBe(4);
      expect(day.report().reasons.join()).toContain('strace ended before its time');
      expect(outcomes(await writer.next(10))).toEqual(new Set(['ok']));
    },
  );

  withWriter('are left alone when somebody else traces the process', async (writer, { expect }) => {
    const other = spawn('strace', ['-f', '-o', '/dev/null', '-p', String(writer.pid)], { stdio: 'ignore' });
    while (tracerOf(writer.pid) === 0) await delay(5);
    const day = new GameDay(writer.scenario(broken));
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.stderr).toContain(`is traced already, by pid ${other.pid}`);
    expect(tracerOf(writer.pid)).toBe(other.pid);
    other.kill();
  });
});
