import type { ProcessIdentity } from '../model/operation.ts';
import { isAlive } from './processes.ts';

/**
 * Sends a signal to exactly this process: never to another that was given its pid later.
 * @returns whether it was there to receive it
 * @throws EPERM when it belongs to another user
 */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return isAlive(identity) && send(identity.pid, signal);
}

/** Sends a signal to every member of a process group. @returns whether there was one */
export const signalGroup = (group: number, signal: NodeJS.Signals): boolean => send(-group, signal);

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
