import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** Seconds of processor that a process, its threads and its children (the ended ones too) have used. */
export function cpuSeconds(pid: number): number {
  for (;;) {
    try {
      return ticksOf(pid) / ticksPerSecond;
    } catch (error) {
      // A child ended while it was looked at: now its time is its parent's.
      if (!existsSync(`/proc/${pid}`)) throw error;
    }
  }
}

function ticksOf(pid: number): number {
  const own = [11, 12, 13, 14].reduce((sum, index) => sum + Number(statOf(pid)[index]), 0);
  return childrenOf(pid).reduce((sum, child) => sum + ticksOf(child), own);
}

/** What it holds in memory now, in bytes; its children are not counted. */
export const residentBytes = (pid: number): number => memoryOf(pid, 'VmRSS');

/** The most it held since {@link forgetPeak}. */
export const peakBytes = (pid: number): number => memoryOf(pid, 'VmHWM');

export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

function memoryOf(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s+([0-9]+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line?.[1]) * 1024;
}

/** The fields behind the name, which may hold blanks: `state` is the first. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' '))
    .filter((child) => child.trim() !== '')
    .map(Number);
