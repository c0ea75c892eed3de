import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { signalProcess } from '../host/signal.ts';
import type { ProcessIdentity } from '../model/operation.ts';
import type { Safeguard } from '../model/scenario.ts';
import { encodeEntry } from '../runner/journal/entry.ts';
import type { Tripped } from './safeguards.ts';

/** So long a runner has to say that it has heard. */
const patienceMs = 100;

/** What is done about a runner that hangs: its guardian undoes what a dead one leaves. */
export interface LastResort {
  runner: ProcessIdentity;
  /** The journal of the run: whoever undoes it reads there why. */
  journal: string;
}

/** Ends a runner that does not hear. @returns what is to be called when it has heard */
export function endUnlessHeard({ runner, journal }: LastResort, tripped: Tripped): () => void {
  const timer = setTimeout(() => {
    writeDown(journal, tripped);
    signalProcess(runner, 'SIGKILL');
  }, patienceMs);
  return () => clearTimeout(timer);
}

/** What ends a run at once, and how that is done to a runner that hangs. */
export interface Watch {
  safeguards: Safeguard[];
  lastResort: LastResort;
}

function writeDown(journal: string, tripped: Tripped): void {
  try {
    // Never made anew: where there is none, the run is over.
    const descriptor = openSync(journal, constants.O_WRONLY | constants.O_APPEND);
    writeSync(descriptor, encodeEntry({ entry: 'tripped', ...tripped }));
    closeSync(descriptor);
  } catch {
    // It is over, or the disk is full: no reason not to have it undone.
  }
}
