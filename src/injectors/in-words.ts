import type { ProcessIdentity } from '../model/operation.ts';

const shown = 5;

/** `1 process (pid 71)`, `3 processes (pids 71, 72, 73)`; of many only the first few are named. */
export function inWords(processes: ProcessIdentity[]): string {
  const pids = processes.slice(0, shown).map(({ pid }) => pid);
  const more = processes.length > shown ? ', …' : '';
  return processes.length === 1
    ? `1 process (pid ${pids[0]})`
    : `${processes.length} processes${pids.length ? ` (pids ${pids.join(', ')}${more})` : ''}`;
}

/** `79.8 %` of 0.798. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
