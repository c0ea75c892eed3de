import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcessState } from '../model/fault.ts';
import type { ProcessIdentity } from '../model/operation.ts';
import { listeners } from './listeners.ts';

/** What the kernel says of one process, from `/proc/PID/stat`. @see man 5 proc */
export interface ProcessFacts extends ProcessIdentity {
  name: string;
  parent: number;
  group: number;
  /** `R`, `S`, `D`, `T` (stopped), `Z` (zombie), … */
  code: string;
}

/** @returns `undefined` when there is no such process, or when it may not be looked at */
export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The process that has this pid now, told apart from a later one by its start time. */
export function identify(pid: number): ProcessIdentity | undefined {
  const facts = processFacts(pid);
  return facts && facts.code !== 'Z' ? { pid, startTime: facts.startTime } : undefined;
}

/** How a process is now; `gone` also when its pid belongs to another by now, or only its zombie is left. */
export function processState(identity: ProcessIdentity): ProcessState {
  const facts = processFacts(identity.pid);
  const { pid, startTime } = identity;
  if (!facts || facts.startTime !== startTime || facts.code === 'Z' || facts.code === 'X')
    return { pid, startTime, state: 'gone' };
  return { pid, startTime, state: facts.code === 'T' || facts.code === 't' ? 'stopped' : 'running' };
}

/** The process that traces it, a debugger say; 0: none, or it is gone. */
export function tracerOf(pid: number): number {
  try {
    return Number(/^TracerPid:\s*([0-9]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
  } catch {
    return 0;
  }
}

/** For how long a process has been there, milliseconds, to 10 of them. */
export function ageMsOf({ startTime }: ProcessIdentity): number {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return uptime * 1000 - Number(startTime) * 10;
}

export const isAlive = (identity: ProcessIdentity): boolean => processState(identity).state !== 'gone';

/** Whether it is on its way out, or gone: it has left its control groups then. @see PF_EXITING in the kernel's sched.h */
export function isEnding(identity: ProcessIdentity): boolean {
  if (!isAlive(identity)) return true;
  try {
    const stat = readFileSync(`/proc/${identity.pid}/stat`, 'utf8');
    return (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6]) & exiting) !== 0;
  } catch {
    return true;
  }
}

const exiting = 4;

/** Every process that can be seen, zombies left out. */
function allProcesses(): ProcessFacts[] {
  const found: ProcessFacts[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(entry)) continue;
    const facts = processFacts(Number(entry));
    if (facts && facts.code !== 'Z') found.push(facts);
  }
  return found;
}

/** Children, their children and so on; parents stand before their children. The process itself is not among them. */
export function descendants(pid: number, among: ProcessFacts[] = allProcesses()): ProcessFacts[] {
  const children = new Map<number, ProcessFacts[]>();
  for (const facts of among) {
    const siblings = children.get(facts.parent);
    if (siblings) siblings.push(facts);
    else children.set(facts.parent, [facts]);
  }
  const found: ProcessFacts[] = [...(children.get(pid) ?? [])];
  for (let next = 0; next < found.length; next += 1) found.push(...(children.get(found[next]!.pid) ?? []));
  return found;
}

export const groupMembers = (group: number): ProcessFacts[] => allProcesses().filter((facts) => facts.group === group);

/**
 * Every process that carries `NAME=value` in the environment it was started with. A daemon that left its process
 * group and session is still found by it.
 */
export function processesWithEnvironment(name: string, value: string): ProcessFacts[] {
  const wanted = `${name}=${value}`;
  return allProcesses().filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(wanted);
    } catch {
      return false; // it ended meanwhile, or belongs to somebody else
    }
  });
}

/** The processes whose name (as in `ps -o comm`), or the base name of whose program, is `name`. */
export function processesNamed(name: string): ProcessFacts[] {
  return allProcesses().filter(
    (facts) => facts.name === name.slice(0, 15) && (name.length <= 15 || programName(facts.pid) === name),
  );
}

/** The processes that listen on a TCP port of this network namespace. */
export function processesListeningOn(port: number): ProcessFacts[] {
  const inodes = new Set(listeners().flatMap((one) => (one.port === port ? [one.inode] : [])));
  if (inodes.size === 0) return [];
  const links = new Set([...inodes].map((inode) => `socket:[${inode}]`));
  return allProcesses().filter(({ pid }) => openFileLinks(pid).some((link) => links.has(link)));
}

function parseStat(pid: number, stat: string): ProcessFacts {
  // The name stands in parentheses and may itself hold spaces and parentheses.
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const rest = stat.slice(close + 2).split(' ');
  return {
    pid,
    name: stat.slice(open + 1, close),
    code: rest[0]!,
    parent: Number(rest[1]),
    group: Number(rest[2]),
    startTime: rest[19]!,
  };
}

function programName(pid: number): string | undefined {
  try {
    const program = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!;
    return program.slice(program.lastIndexOf('/') + 1);
  } catch {
    return undefined;
  }
}

function openFileLinks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${descriptor}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
