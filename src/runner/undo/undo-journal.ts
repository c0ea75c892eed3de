import { appendFile, unlink } from 'node:fs/promises';
import type { CommandResult } from '../../model/command.ts';
import type { Undo } from '../../model/operation.ts';
import { encodeEntry } from '../journal/entry.ts';
import { type Outstanding, readJournal } from '../journal/read.ts';
import { commandFor } from './command-for.ts';
import { performUndo } from './perform.ts';

/** What became of the undos of a dead run. */
export interface Recovery {
  outstanding: Outstanding;
  undone: { undo: Undo; step?: string }[];
  /** Tried and failed: still in the journal. `command` is what a person can run instead. */
  stuck: { undo: Undo; step?: string; message: string; command: string }[];
}

const tries = 3;

/**
 * Undoes what a journal says is still in force, the last harm first, and removes the journal when all of it is done.
 * May be interrupted and repeated at any point.
 */
export async function undoJournal(file: string): Promise<Recovery> {
  const outstanding = await readJournal(file);
  const run = outstanding.header?.run ?? 'unknown';
  const recovery: Recovery = { outstanding, undone: [], stuck: [] };
  // A line torn by the runner's death must not swallow the first one of ours.
  await appendFile(file, '\n');
  for (const batch of batches(outstanding.undos)) {
    await Promise.all(
      batch.map(async ({ id, undo, step }) => {
        const about = { undo, ...(step === undefined ? {} : { step }) };
        try {
          await undoWithRetries(undo, run);
          await appendFile(file, encodeEntry({ entry: 'done', id }));
          recovery.undone.push(about);
        } catch (error) {
          const message = (error as Error).message;
          await appendFile(file, encodeEntry({ entry: 'stuck', id, message })).catch(() => undefined);
          recovery.stuck.push({ ...about, message, command: commandFor(undo) });
        }
      }),
    );
  }
  if (recovery.stuck.length === 0) await unlink(file);
  return recovery;
}

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
