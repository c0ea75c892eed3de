import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { masked } from '../../host/secrets.ts';
import type { CommandResult } from '../../model/command.ts';
import type { Undo } from '../../model/operation.ts';
import { encodeEntry } from '../journal/entry.ts';
import { isOfThisBoot, type Outstanding, readJournal } from '../journal/read.ts';
import { commandFor } from './command-for.ts';
import { performUndo } from './perform.ts';

/** What became of the undos of a dead run. */
export interface Recovery {
  outstanding: Outstanding;
  undone: { undo: Undo; step?: string; at: Date }[];
  /** Nothing had to be done: it ended when the machine was started again. */
  lapsed: { undo: Undo; step?: string }[];
  /** Tried and failed: still in the journal. `command` is what a person can run instead. */
  stuck: { undo: Undo; step?: string; message: string; command: string }[];
}

const tries = 3;

/**
 * Undoes what a journal says is still in force, the last harm first, and removes the journal when all of it is done.
 * May be interrupted and repeated at any point, and be done by two at once (the guardian and `chaos recover`): each undo
 * is harmless the second time.
 */
export async function undoJournal(file: string): Promise<Recovery> {
  const outstanding = await readJournal(file);
  const run = outstanding.header?.run ?? 'unknown';
  const recovery: Recovery = { outstanding, undone: [], lapsed: [], stuck: [] };
  // Never made anew: whoever removed it has done all of it.
  const journal = await open(file, constants.O_WRONLY | constants.O_APPEND);
  try {
    // A line torn by the runner's death must not swallow the first one of ours.
    await note(journal, '\n');
    const { lapsed, standing } = sorted(outstanding);
    recovery.lapsed = lapsed;
    await undoAll(standing, run, recovery, journal);
  } finally {
    await journal.close();
  }
  if (recovery.stuck.length === 0) await rm(file, { force: true });
  return recovery;
}

/** What lives in processes or in the kernel does not outlive a restart of the machine; files do, and what an author did may. */
function sorted({ header, undos }: Outstanding): { lapsed: Outstanding['undos']; standing: Outstanding['undos'] } {
  if (!header || isOfThisBoot(header)) return { lapsed: [], standing: undos };
  const lasts = ({ undo }: { undo: Undo }) => ['run', 'remove-directory', 'remove-socket'].includes(undo.op);
  return { lapsed: undos.filter((one) => !lasts(one)), standing: undos.filter(lasts) };
}

async function undoAll(
  undos: Outstanding['undos'],
  run: string,
  recovery: Recovery,
  journal: FileHandle,
): Promise<void> {
  for (const batch of batches(undos)) {
    await Promise.all(
      batch.map(async ({ id, undo, step }) => {
        const about = { undo, ...(step === undefined ? {} : { step }) };
        try {
          await undoWithRetries(undo, run);
          await note(journal, encodeEntry({ entry: 'done', id }));
          recovery.undone.push({ ...about, at: new Date() });
        } catch (error) {
          const message = masked((error as Error).message);
          await note(journal, encodeEntry({ entry: 'stuck', id, message }));
          recovery.stuck.push({ ...about, message, command: commandFor(undo) });
        }
      }),
    );
  }
}

/** On a full disk nothing is noted, and all the same undone: whoever does it again does no harm. */
const note = (journal: FileHandle, text: string): Promise<void> => journal.appendFile(text).catch(() => undefined);

/** @returns the result, when it was a command @throws what the last try threw */
export async function undoWithRetries(undo: Undo, run: string): Promise<CommandResult | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await performUndo(undo, run);
    } catch (error) {
      if (attempt === tries) throw error;
    }
  }
}

/** Faults one after another; targets, once the faults are lifted, all at once: no target waits for another's grace. */
function* batches<T extends { undo: Undo }>(undos: T[]): Generator<T[]> {
  for (let next = 0; next < undos.length; ) {
    let end = next + 1;
    if (undos[next]!.undo.op === 'stop-group') while (undos[end]?.undo.op === 'stop-group') end += 1;
    yield undos.slice(next, end);
    next = end;
  }
}
