import { isAlive } from '../../host/processes.ts';
import type { Undo } from '../../model/operation.ts';
import { isOfThisBoot, listJournals, type Outstanding, readJournal } from './read.ts';
import { journalDirectory } from './state-directory.ts';

/** A run that has a journal: it goes on, or it died and left something behind. */
export interface KnownRun extends Outstanding {
  /** By its journal's name, which holds also when the journal is damaged. */
  run: string;
  goesOn: boolean;
}

/** Every run of this user on this machine that has a journal, the oldest first. */
export async function knownRuns(): Promise<KnownRun[]> {
  const found: KnownRun[] = [];
  for (const file of await listJournals(journalDirectory())) {
    // A guardian may be at work on it right now, and remove it.
    const outstanding = await readJournal(file).catch(() => undefined);
    if (!outstanding) continue;
    const { header } = outstanding;
    found.push({
      ...outstanding,
      run: file.slice(file.lastIndexOf('/') + 1, -'.ndjson'.length),
      goesOn: header !== undefined && isOfThisBoot(header) && isAlive(header.runner),
    });
  }
  return found;
}

/** What of a run is harm; the rest of its undos stop and remove what the run started itself. */
export const faultsOf = ({ undos }: Outstanding): { id: number; undo: Undo; step: string }[] =>
  undos.flatMap(({ step, ...undo }) => (step === undefined ? [] : [{ ...undo, step }]));
