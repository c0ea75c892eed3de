import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { descendants, identify, processState } from '../../../src/host/processes.ts';
import type { ProcessIdentity } from '../../../src/model/operation.ts';

/** A real process to harm, the leader of its own group. */
export interface Victim {
  root: ProcessIdentity;
  /** It and its descendants. */
  family: ProcessIdentity[];
  end(): Promise<void>;
}

/** Runs a shell script that prints a line when it is ready. */
async function victim(script: string): Promise<Victim> {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  const root = identify(child.pid!)!;
  return { root, family: [root, ...descendants(root.pid)], end: () => end(child, closed) };
}

/** One that waits for its two children. */
export const parent = (): Promise<Victim> => victim('sleep 1000 & sleep 1000 & echo ready; wait');

/** One that does not end when it is asked to. */
export const stubborn = (): Promise<Victim> => victim('trap "" TERM; sleep 1000 & echo ready; while :; do wait; done');

async function end(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await closed;
}

export const isGone = (one: ProcessIdentity): boolean => processState(one).state === 'gone';
