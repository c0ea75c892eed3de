import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../model/operation.ts';
import { descendants, isAlive } from './processes.ts';
import { askTool } from './tool.ts';

/** How many files a process may have open (the soft limit), and how many it has. @returns `undefined` when it is gone */
export function openFiles(pid: number): { limit: number; open: number } | undefined {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))![1]!;
    const limit = soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
    return { limit, open: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined;
  }
}

/**
 * The limit under which a process can open `spare` more files. A limit is on numbers, and a new file gets the lowest
 * that is free: gaps below it count.
 */
export function limitFor(pid: number, spare: number): number {
  const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let limit = 0;
  for (let free = 0; ; limit += 1) {
    if (used.has(limit)) continue;
    if (free === spare) return limit;
    free += 1;
  }
}

/**
 * Sets the soft limit of a process on open files. The hard one stays, so that it can be set back without being root.
 * One that is gone, or whose pid another has by now, is left alone.
 * @throws with one line when it cannot be set
 */
export async function limitOpenFiles(process: ProcessIdentity, soft: number): Promise<void> {
  if (!isAlive(process)) return;
  const { code, stderr } = await askTool(limitArgv(process.pid, soft));
  if (code !== 0 && isAlive(process))
    throw new Error(`the limit of pid ${process.pid} cannot be set: ${stderr.trim()}`);
}

/**
 * Gives processes the limits back that they had, and their children, who inherited the lower one, theirs.
 * @throws with one line when one cannot be set
 */
export async function restoreOpenFiles(limits: { process: ProcessIdentity; soft: number }[]): Promise<void> {
  const known = new Set(limits.map(({ process }) => process.pid));
  for (const { process, soft } of limits) {
    const lowered = isAlive(process) ? openFiles(process.pid)?.limit : undefined;
    if (lowered === undefined || lowered === soft) continue;
    // The parent last: should we be killed on the way, its limit tells whoever comes next which children are left.
    for (const child of descendants(process.pid))
      if (!known.has(child.pid) && openFiles(child.pid)?.limit === lowered) await limitOpenFiles(child, soft);
    await limitOpenFiles(process, soft);
  }
}

export const limitArgv = (pid: number, soft: number): string[] => [
  'prlimit',
  '--pid',
  String(pid),
  `--nofile=${Number.isFinite(soft) ? soft : 'unlimited'}:`,
];
