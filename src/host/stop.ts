import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessIdentity } from '../model/operation.ts';
import { markName, stepMark, stepMarkName } from './mark.ts';
import { groupMembers, isAlive, processesWithEnvironment, processFacts } from './processes.ts';
import { signalGroup, signalProcess } from './signal.ts';

/** How a stop went. `forced`: the grace was not enough and KILL was sent. */
export type Stopped = 'was-gone' | 'stopped' | 'forced';

/**
 * Ends a process group whole, grandchildren too: `signal`, then KILL to whoever is left after `graceMs`.
 * The group is named by its leader; when another process has that pid now, nothing is signalled.
 * @throws when some of it cannot be ended
 */
export function stopGroup(leader: ProcessIdentity, signal: NodeJS.Signals, graceMs: number): Promise<Stopped> {
  const members = () => {
    const now = processFacts(leader.pid);
    // While a group has members the kernel does not give its number away, so a dead leader's group is still its own.
    return now && now.startTime !== leader.startTime ? [] : groupMembers(leader.pid);
  };
  return stop(members, (kind) => signalGroup(leader.pid, kind), signal, graceMs);
}

/** Ends every process that carries the mark of a run, or of one injection of it: what left its process group as well. */
export function stopMarked(run: string, graceMs: number, step?: string): Promise<Stopped> {
  const [name, value] = step === undefined ? [markName, run] : [stepMarkName, stepMark(run, step)];
  const members = () => processesWithEnvironment(name, value).filter(({ pid }) => pid !== process.pid);
  const each = (kind: NodeJS.Signals) => {
    for (const member of members()) signalProcess(member, kind);
  };
  return stop(members, each, 'SIGTERM', graceMs);
}

/** Ends these processes, each told by its start time. */
export function stopProcesses(processes: ProcessIdentity[], signal: NodeJS.Signals, graceMs: number): Promise<Stopped> {
  const each = (kind: NodeJS.Signals) => {
    for (const one of processes) signalProcess(one, kind);
  };
  return stop(() => processes.filter(isAlive), each, signal, graceMs);
}

async function stop(
  members: () => ProcessIdentity[],
  send: (signal: NodeJS.Signals) => void,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<Stopped> {
  if (members().length === 0) return 'was-gone';
  send(signal);
  send('SIGCONT'); // a stopped process would receive the signal only when somebody continues it
  if (await noneWithin(members, graceMs)) return 'stopped';
  // Members may fork while they are being killed: kill until there are none.
  for (let round = 0; round < 10; round += 1) {
    send('SIGKILL');
    if (await noneWithin(members, 500)) return 'forced';
  }
  throw new Error(
    `cannot end ${members()
      .map(({ pid }) => `process ${pid}`)
      .join(', ')}: still there after SIGKILL`,
  );
}

async function noneWithin(members: () => ProcessIdentity[], withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    if (members().length === 0) return true;
    const left = until - performance.now();
    if (left <= 0) return false;
    await delay(Math.min(pauseMs, left));
  }
}
