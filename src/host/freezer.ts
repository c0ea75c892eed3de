import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrozenGroup, ProcessIdentity } from '../model/operation.ts';
import { cgroupsApart } from './cgroups.ts';
import { identify } from './processes.ts';

/**
 * The control group in which a process can be frozen and we are not.
 * @returns `undefined` when there is none
 */
export function freezerOf(pid: number): FrozenGroup | undefined {
  const [directory] = cgroupsApart(pid, ['freezer', 'unified']).filter((one) => switchOf(one) !== undefined);
  return directory === undefined ? undefined : { directory, inode: inodeOf(directory)! };
}

/** The processes in a group and in those below it. Empty when it is gone. */
export function membersOf(directory: string): ProcessIdentity[] {
  try {
    const own = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
    const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [
      ...own.flatMap((pid) => identify(Number(pid)) ?? []),
      ...below.flatMap(({ name }) => membersOf(join(directory, name))),
    ];
  } catch {
    return []; // it went meanwhile
  }
}

/** Whether all that is in a group stands still, as the kernel says. */
export function isFrozen({ directory }: FrozenGroup): boolean {
  try {
    return switchOf(directory)?.isOn() ?? false;
  } catch {
    return false;
  }
}

/** Asks for it; the kernel may take a moment. @throws with one line when it may not */
export function freeze({ directory }: FrozenGroup): void {
  const found = switchOf(directory);
  if (!found) throw new Error(`the control group ${directory} is gone`);
  try {
    writeFileSync(found.file, found.on);
  } catch (error) {
    throw new Error(`cannot freeze the control group ${directory}: ${(error as Error).message}`);
  }
}

/** What is gone, or has been made anew by somebody else, is not touched. @throws when it may still be frozen */
export function thaw({ directory, inode }: FrozenGroup): void {
  const found = inodeOf(directory) === inode ? switchOf(directory) : undefined;
  if (!found) return;
  try {
    writeFileSync(found.file, found.off);
  } catch (error) {
    if (inodeOf(directory) === inode) throw error;
  }
}

/** For a person. */
export function thawInWords({ directory }: FrozenGroup): { word: string; file: string } | undefined {
  const found = switchOf(directory);
  return found && { word: found.off, file: found.file };
}

interface Switch {
  file: string;
  on: string;
  off: string;
  isOn(): boolean;
}

/** With a tree of its own the freezer has another switch (v1) than in the unified tree (v2). @see the kernel's cgroup documentation */
function switchOf(directory: string): Switch | undefined {
  const [unified, own] = [join(directory, 'cgroup.freeze'), join(directory, 'freezer.state')];
  if (existsSync(unified))
    return {
      ...{ file: unified, on: '1', off: '0' },
      isOn: () => /^frozen 1$/m.test(readFileSync(join(directory, 'cgroup.events'), 'utf8')),
    };
  if (!existsSync(own)) return undefined;
  return { file: own, on: 'FROZEN', off: 'THAWED', isOn: () => readFileSync(own, 'utf8').trim() === 'FROZEN' };
}

const inodeOf = (directory: string): string | undefined =>
  statSync(directory, { bigint: true, throwIfNoEntry: false })?.ino.toString();
