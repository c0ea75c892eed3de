import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId } from '../../host/boot.ts';
import type { Undo } from '../../model/operation.ts';
import type { Seen } from '../../model/residue.ts';
import { decodeEntry } from './entry.ts';
import type { JournalHeader } from './journal.ts';

/** What a journal says is still to be undone, in the order in which it has to happen: the last harm first. */
export interface Outstanding {
  file: string;
  header: JournalHeader | undefined;
  undos: { id: number; undo: Undo; step?: string }[];
  /** What there was before the first fault. */
  seen: Seen[];
  /** The safeguard that was broken when the runner did not hear. */
  tripped: { message: string; path: string } | undefined;
  /** Lines that were not whole. More than the torn last one means that somebody else wrote to the file. */
  damagedLines: number;
}

/** @throws ENOENT when there is no such journal */
export async function readJournal(file: string): Promise<Outstanding> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const open = new Map<number, { id: number; undo: Undo; step?: string }>();
  let header: JournalHeader | undefined;
  let seen: Seen[] = [];
  let tripped: Outstanding['tripped'];
  let damagedLines = 0;
  for (const line of lines) {
    const entry = decodeEntry(line);
    if (!entry) damagedLines += 1;
    else if (entry.entry === 'run') header = entry;
    else if (entry.entry === 'seen') seen = entry.seen;
    else if (entry.entry === 'tripped') tripped = { message: entry.message, path: entry.path };
    else if (entry.entry === 'undo')
      open.set(entry.id, { id: entry.id, undo: entry.undo, ...(entry.step === undefined ? {} : { step: entry.step }) });
    else if (entry.entry === 'done') open.delete(entry.id);
  }
  return { file, header, undos: [...open.values()].reverse(), seen, tripped, damagedLines };
}

/** Whether the machine was not started again since; of a journal that does not say so nothing else is assumed. */
export const isOfThisBoot = ({ boot }: Pick<JournalHeader, 'boot'>): boolean =>
  !boot || bootId() === '' || boot === bootId();

/** The journals that lie in a state directory; each belongs to a run that goes on, or that left something behind. */
export async function listJournals(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .map((name) => join(directory, name));
}
