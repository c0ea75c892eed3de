import { statfsSync, statSync } from 'node:fs';
import type { Action } from '../../model/operation.ts';
import type { StressWork } from '../../model/stress-work.ts';
import { journalDirectory } from '../journal/state-directory.ts';
import type { Lockout } from './lockouts.ts';

/** A machine whose root file system has less may be hard to get into. */
const rootBytes = 1024 ** 3;
/** Undos have to be written down. */
const journalBytes = 64 * 1024 ** 2;

/** Which disk of ours an action would fill up. */
export function filledUp(action: Action): Lockout[] {
  if (action.op !== 'stress' || action.work.kind !== 'fill') return [];
  const { work } = action;
  const device = deviceOf(work.directory);
  const left = leftBy(work);
  if (device === undefined || left === undefined) return [];
  if (left < rootBytes && device === deviceOf('/'))
    return [{ message: 'it would leave less than 1GiB on the root file system', protection: 'root-filesystem' }];
  if (left < journalBytes && device === deviceOf(journalDirectory()))
    return [
      {
        message: `it would leave no room for the journal of undos in ${journalDirectory()}`,
        protection: 'journal-disk',
      },
    ];
  return [];
}

/** What stays free, bytes. */
function leftBy({ directory, bytes, leaveBytes }: Extract<StressWork, { kind: 'fill' }>): number | undefined {
  if (bytes === undefined) return leaveBytes ?? 0;
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize - bytes;
  } catch {
    return undefined; // it is not there: that is told elsewhere
  }
}

const deviceOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.dev;
