import { processFacts } from '../../host/processes.ts';
import type { ProcessIdentity } from '../../model/operation.ts';
import type { Protection } from '../../model/scenario.ts';

/** A process that is not to be harmed, and why; without a `protection` nobody can allow it. */
export interface Protected {
  pid: number;
  why: string;
  protection?: Protection;
}

const kernelThreads = 2;

/**
 * The first of some processes that a run leaves alone, whatever its scenario says, unless its author allowed it.
 * @param allowed as it stands in `safety.allow`
 */
export function protectedAmong(processes: ProcessIdentity[], allowed: Protection[]): Protected | undefined {
  const ancestors = ancestorsOf(process.pid);
  return processes
    .map(({ pid }) => protectionOf(pid, ancestors))
    .find((found) => found && !(found.protection && allowed.includes(found.protection)));
}

/** Why, and what an author can do who means it. */
export const refusalOf = ({ pid, why, protection }: Protected): string =>
  `pid ${pid} is protected: it is ${why}${protection ? ` (safety: { allow: [${protection}] } allows it)` : ''}`;

function protectionOf(pid: number, ancestors: Set<number>): Protected | undefined {
  if (pid === process.pid) return { pid, why: 'this run itself' };
  if (pid === 1) return { pid, why: 'the first process of the system', protection: 'init' };
  if (ancestors.has(pid)) return { pid, why: 'what this run was started from', protection: 'own-ancestors' };
  const facts = processFacts(pid);
  if (!facts) return undefined;
  if (pid === kernelThreads || facts.parent === kernelThreads)
    return { pid, why: 'a thread of the kernel', protection: 'kernel-threads' };
  if (facts.name.startsWith('chaos-') && facts.parent === process.pid) return { pid, why: 'a helper of this run' };
  if (facts.name === 'sshd') return { pid, why: 'an SSH server, by which people come in', protection: 'sshd' };
  return undefined;
}

function ancestorsOf(pid: number): Set<number> {
  const found = new Set<number>();
  for (let at = processFacts(pid)?.parent; at && !found.has(at); at = processFacts(at)?.parent) found.add(at);
  return found;
}
