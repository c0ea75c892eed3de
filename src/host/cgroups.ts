import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What bounds a load: `cpu` and `memory` where each controller has a tree of its own (v1), `unified` where all share one (v2). */
type Tree = 'cpu' | 'cpuset' | 'memory' | 'unified';

const joined: readonly Tree[] = ['cpu', 'cpuset', 'memory', 'unified'];

/**
 * The directories of the control groups in which a process is and we are not, as far as they bound processors or memory.
 * Empty: it shares ours. @see man 7 cgroups
 */
export function cgroupsApart(pid: number): string[] {
  const ours = pathsOf('self');
  const mounts = mountedTrees();
  return [...pathsOf(String(pid))].flatMap(([tree, path]) => {
    const mount = mounts.get(tree);
    if (path === ours.get(tree) || !mount) return [];
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

function pathsOf(pid: string): Map<Tree, string> {
  const paths = new Map<Tree, string>();
  for (const line of readFileSync(`/proc/${pid}/cgroup`, 'utf8').trimEnd().split('\n')) {
    const [, controllers, path] = /^[0-9]+:([^:]*):(.*)$/.exec(line)!;
    for (const tree of treesNamed(controllers!)) paths.set(tree, path!);
  }
  return paths;
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
  controllers === '' ? ['unified'] : joined.filter((tree) => controllers.split(',').includes(tree));
