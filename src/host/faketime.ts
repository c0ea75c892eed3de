import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import type { ProcessIdentity } from '../model/operation.ts';

const run = promisify(execFile);
const name = 'libfaketimeMT.so.1';

/** Where libfaketime lies: distributions do not agree. @returns `undefined` when it is not there */
export function faketimeLibrary(): string | undefined {
  const roots = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/lib'];
  const machines = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((one) => one.includes('-linux-')) : [];
  const folders = [...machines.map((machine) => join('/usr/lib', machine)), ...roots];
  return folders.map((folder) => join(folder, 'faketime', name)).find((file) => existsSync(file));
}

/**
 * What a process has to be started with so that its clock, and that of its children, can be set by a file. It is read
 * whenever somebody asks for the time. Timers and file times stay real.
 * @see man 1 faketime
 */
export function faketimeEnvironment(file: string, preload: string | undefined): Record<string, string> {
  return {
    LD_PRELOAD: [faketimeLibrary(), preload].filter((one) => one).join(':'),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
}

/** The file that sets the clock of a target, in a folder of the run's own. */
export const clockFileOf = (target: string, folder: string): string =>
  join(folder, `clock-${crc32(target).toString(16)}`);

/** How a clock that is not skewed is written; without the rate an earlier one would stay. */
const unskewed = '+0 x1';

/** Sets the clock that a file stands for, whole at once. Nothing happens when its folder is gone, and the process with it. */
export function setClock(file: string, skew: string = unskewed): void {
  if (!existsSync(dirname(file))) return;
  writeFileSync(`${file}.new`, `${skew}\n`, { mode: 0o644 });
  renameSync(`${file}.new`, file);
}

/**
 * A skew as libfaketime has it. It lets a rate count from the start of each process; what that has made of the time by
 * now is taken off again.
 * @param offsetMs by how much the clock is ahead @param rate how fast it goes @param ageMs of the process
 */
export const skewOf = (offsetMs: number, rate: number, ageMs: number): string => {
  const seconds = (offsetMs - ageMs * (rate - 1)) / 1000;
  return `${seconds < 0 ? '' : '+'}${seconds.toFixed(6)} x${rate}`;
};

/** Whether a process has the library in it: what is linked statically, or may not be preloaded, has not. */
export function hasFaketime({ pid }: ProcessIdentity): boolean {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8').includes(name);
  } catch {
    return false;
  }
}

/** By how much a clock is ahead, milliseconds, as a program sees it that is started with that file now. */
export async function clockAheadMs(file: string): Promise<number> {
  const before = Date.now();
  const { stdout } = await run('date', ['+%s%3N'], {
    env: { ...process.env, ...faketimeEnvironment(file, undefined) },
  });
  return Number(stdout) - (before + Date.now()) / 2;
}
