import { readFileSync } from 'node:fs';
import { descendants, groupMembers, identify, processesListeningOn, processesNamed } from '../../host/processes.ts';
import { mainProcessOf } from '../../host/services.ts';
import type { ProcessIdentity } from '../../model/operation.ts';
import type { RunningTarget } from '../../model/scenario.ts';
import type { Service } from '../../model/service.ts';

/**
 * The processes that a `running` target means now.
 * @throws with one line when there are none, or not as many as expected
 */
export function findRunning({ id, find }: RunningTarget): ProcessIdentity[] {
  if ('pid' in find) return [known(id, find.pid, `there is no process ${find.pid}`)];
  if ('pidFile' in find) return [fromFile(id, find.pidFile)];
  if ('port' in find) {
    const found = processesListeningOn(find.port);
    if (found.length === 0) throw new Error(`${id}: no process that can be seen listens on port ${find.port}`);
    // A server and its workers share the socket: the tree begins at those whose parent is not among them.
    return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent)).map(identity);
  }
  if ('unit' in find) {
    const pid = mainOf(id, find);
    return [known(id, pid, `the main process of ${find.unit}, ${pid}, is gone`)];
  }
  const found = processesNamed(find.name).filter(({ pid }) => pid !== process.pid);
  if (found.length !== find.expect)
    throw new Error(
      `${id}: ${found.length} processes are named "${find.name}"${found.length ? ` (pids ${found.map(({ pid }) => pid).join(', ')})` : ''}, expected ${find.expect}`,
    );
  return found.map(identity);
}

/** These processes and, with `tree`, everything that descends from them; parents stand before children. */
export function family(roots: ProcessIdentity[], tree: boolean): ProcessIdentity[] {
  if (!tree) return roots;
  const all = new Map(roots.map((root) => [root.pid, root]));
  // A child whose parent is gone belongs to nobody's tree, but is still in the group that its target leads.
  for (const root of roots)
    for (const member of [...descendants(root.pid), ...groupMembers(root.pid)])
      if (!all.has(member.pid)) all.set(member.pid, identity(member));
  return [...all.values()];
}

function fromFile(id: string, file: string): ProcessIdentity {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${id}: cannot read ${file}: ${(error as Error).message}`);
  }
  const first = text.trim().split(/\s/)[0]!;
  if (!/^[0-9]{1,10}$/.test(first)) throw new Error(`${id}: ${file} holds no pid`);
  return known(id, Number(first), `${file} names process ${first}, which is not there`);
}

function mainOf(id: string, service: Service): number {
  try {
    return mainProcessOf(service);
  } catch (error) {
    throw new Error(`${id}: ${(error as Error).message}`);
  }
}

function known(id: string, pid: number, otherwise: string): ProcessIdentity {
  const found = identify(pid);
  if (!found) throw new Error(`${id}: ${otherwise}`);
  return found;
}

const identity = ({ pid, startTime }: ProcessIdentity): ProcessIdentity => ({ pid, startTime });
