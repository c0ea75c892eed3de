import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** By their names where each controller has a tree of its own (v1); `unified` where all share one (v2). */
const trees = ['cpu', 'cpuset', 'memory', 'freezer', 'unified'] as const;
export type Tree = (typeof trees)[number];

/** What bounds a load. */
const bounding: readonly Tree[] = ['cpu', 'cpuset', 'memory', 'unified'];

/**
 * The directories of the control groups in which a process is and we are not, in these trees and in their order; by
 * default as far as they bound processors or memory. Empty: it shares ours. @see man 7 cgroups
 */
export function cgroupsApart(pid: number, wanted = bounding): string[] {
  const [ours, theirs, mounts] = [pathsOf('self'), pathsOf(String(pid)), mountedTrees()];
  return wanted.flatMap((tree) => {
    const [mount, path] = [mounts.get(tree), theirs.get(tree)];
    if (path === undefined || path === ours.get(tree) || !mount) return [];
    // In a container a tree is mounted from its own branch on.
    const below = mount.root !== '/' && path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
    return [join(mount.at, below)];
  });
}

/** Puts a process with all its threads into control groups. @throws with one line when it may not */
export function joinCgroups(pid: number, directories: string[]): void {
  for (const directory of directories) {
    try {
      writeFileSync(join(directory, 'cgroup.procs'), String(pid));
    } catch (error) {
      throw new Error(`cannot join the control group ${directory}: ${(error as Error).message}`);
    }
  }
}

/** Whether this machine can freeze control groups: in a tree of its own, or in the unified one. */
export const hasFreezer = (): boolean => {
  const mounts = mountedTrees();
  return mounts.has('freezer') || mounts.has('unified');
};

function pathsOf(pid: string): Map<Tree, string> {
  const paths = new Map<Tree, string>();
  for (const line of cgroupLines(pid)) {
    const [, controllers, path] = /^[0-9]+:([^:]*):(.*)$/.exec(line)!;
    for (const tree of treesNamed(controllers!)) paths.set(tree, path!);
  }
  return paths;
}

function cgroupLines(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').trimEnd().split('\n');
  } catch {
    return []; // it is gone
  }
}

function mountedTrees(): Map<Tree, { root: string; at: string }> {
  const mounts = new Map<Tree, { root: string; at: string }>();
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n')) {
    const [before, after] = line.split(' - ');
    const [, , , root, at] = before!.split(' ');
    const [kind, , options] = after!.split(' ');
    if (kind === 'cgroup2') mounts.set('unified', { root: root!, at: at! });
    if (kind === 'cgroup') for (const tree of treesNamed(options!)) mounts.set(tree, { root: root!, at: at! });
  }
  return mounts;
}

/** `''` is how the unified tree is called. */
const treesNamed = (controllers: string): Tree[] =>
  controllers === '' ? ['unified'] : trees.filter((tree) => controllers.split(',').includes(tree));
