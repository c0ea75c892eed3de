import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootId } from '../../src/host/boot.ts';
import { identify, isAlive } from '../../src/host/processes.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { Undo } from '../../src/model/operation.ts';
import { Journal } from '../../src/runner/journal/journal.ts';
import { readJournal } from '../../src/runner/journal/read.ts';
import { undoJournal } from '../../src/runner/undo/undo-journal.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chaos-journal-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const header = () => ({
  run: 'r1',
  scenario: 'test',
  runner: identify(process.pid)!,
  boot: bootId(),
  events: join(directory, 'none'),
  startedAt: '',
  scratch: join(directory, 'scratch'),
  claims: [],
});
const touch = (name: string): Undo => ({
  op: 'run',
  command: { argv: ['touch', join(directory, name)], timeout: milliseconds(5000) },
});

describe('the journal', () => {
  it('holds what is armed and not struck, the last harm first', async () => {
    const journal = await Journal.create(join(directory, 'r1.ndjson'), header());
    await journal.arm(touch('a'), 'first');
    const second = await journal.arm(touch('b'), 'second');
    await journal.arm(touch('c'), 'third');
    await journal.strike(second);
    const { undos, header: read } = await readJournal(journal.file);
    expect(undos.map(({ step }) => step)).toEqual(['third', 'first']);
    expect(read?.run).toBe('r1');
    await journal.close();
  });

  it('is readable only by its owner', async () => {
    const journal = await Journal.create(join(directory, 'r1.ndjson'), header());
    expect((await stat(journal.file)).mode & 0o777).toBe(0o600);
    await journal.close();
  });

  it('is gone when nothing is left to undo, and stays when something is', async () => {
    const done = await Journal.create(join(directory, 'r1.ndjson'), header());
    await done.strike(await done.arm(touch('a')));
    await done.close();
    expect(existsSync(done.file)).toBe(false);
    const left = await Journal.create(join(directory, 'r1.ndjson'), header());
    await left.arm(touch('a'));
    await left.close();
    expect(existsSync(left.file)).toBe(true);
  });

  it('is read up to wherever it was torn', async () => {
    const journal = await Journal.create(join(directory, 'r1.ndjson'), header());
    for (let index = 0; index < 5; index += 1) await journal.arm(touch(`f${index}`), `s${index}`);
    const whole = await readFile(journal.file);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (length) => {
        await writeFile(journal.file, whole.subarray(0, length));
        const { undos } = await readJournal(journal.file);
        const written = whole
          .subarray(0, length)
          .toString()
          .split('\n')
          .filter((line) => line.includes('"entry":"undo"')).length;
        expect(undos.length).toBeLessThanOrEqual(written);
        expect(undos.length).toBeGreaterThanOrEqual(written - 1);
      }),
      { numRuns: 60 },
    );
    await journal.close();
  });

  it('does not trust a line that somebody changed', async () => {
    const journal = await Journal.create(join(directory, 'r1.ndjson'), header());
    await journal.arm(touch('a'), 'a');
    const text = await readFile(journal.file, 'utf8');
    await writeFile(journal.file, text.replace('touch', 'evil!'));
    const { undos, damagedLines } = await readJournal(journal.file);
    expect(undos).toEqual([]);
    expect(damagedLines).toBe(1);
    await journal.close();
  });

  it('undoes what is in it and removes itself; twice is harmless', async () => {
    const journal = await Journal.create(join(directory, 'r1.ndjson'), header());
    await journal.arm(touch('a'), 'a');
    const copy = await readFile(journal.file);
    const { undone, stuck } = await undoJournal(journal.file);
    expect([undone.length, stuck.length]).toEqual([1, 0]);
    expect(existsSync(join(directory, 'a'))).toBe(true);
    expect(existsSync(journal.file)).toBe(false);
    await writeFile(journal.file, copy);
    expect((await undoJournal(journal.file)).stuck).toEqual([]);
  });

  it('keeps what could not be undone, with the command that a person can run', async () => {
    const journal = await Journal.create(join(directory, 'r1.ndjson'), header());
    await journal.arm(
      { op: 'run', command: { argv: ['sh', '-c', 'echo no way >&2; exit 7'], timeout: milliseconds(5000) } },
      'a',
    );
    await appendFile(journal.file, 'torn');
    const { stuck } = await undoJournal(journal.file);
    expect(stuck[0]).toMatchObject({
      step: 'a',
      message: 'sh exited with 7, expected 0: no way',
      command: "sh -c 'echo no way >&2; exit 7'",
    });
    expect((await readJournal(journal.file)).undos).toHaveLength(1);
  });

  it('signals no process that was given the pid later', async () => {
    const journal = await Journal.create(join(directory, 'r1.ndjson'), header());
    await journal.arm({ op: 'signal', processes: [{ pid: process.pid, startTime: '1' }], signal: 'SIGKILL' });
    await journal.arm({
      op: 'stop-group',
      process: { pid: process.pid, startTime: '1' },
      signal: 'SIGKILL',
      grace: milliseconds(0),
    });
    expect((await undoJournal(journal.file)).stuck).toEqual([]); // and we are alive to see it
  });

  it('knows after a restart of the machine what cannot have survived it', async () => {
    const journal = await Journal.create(join(directory, 'r1.ndjson'), { ...header(), boot: 'another' });
    const sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' });
    // By chance the same pid was started at the same time after both boots.
    await journal.arm({ op: 'signal', processes: [identify(sleeper.pid!)!], signal: 'SIGKILL' }, 'paused');
    await journal.arm(touch('a'), 'authors');
    const { undone, lapsed, stuck } = await undoJournal(journal.file);
    expect([undone, lapsed, stuck].map((all) => all.map(({ step }) => step))).toEqual([['authors'], ['paused'], []]);
    expect(existsSync(journal.file)).toBe(false);
    expect(isAlive(identify(sleeper.pid!)!)).toBe(true);
    sleeper.kill('SIGKILL');
  });

  it('removes no link that took the place of the directory that was made', async () => {
    const journal = await Journal.create(join(directory, 'r1.ndjson'), header());
    const [kept, link] = [join(directory, 'kept'), join(directory, 'link')];
    await mkdir(kept);
    await symlink(kept, link);
    await journal.arm({ op: 'remove-directory', path: link });
    await undoJournal(journal.file);
    expect(existsSync(kept)).toBe(true);
  });
});
