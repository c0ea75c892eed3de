import { isAlive } from '../../host/processes.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { writeEpilogue } from '../../runner/guardian/epilogue.ts';
import { listJournals, type Outstanding, readJournal } from '../../runner/journal/read.ts';
import { journalDirectory } from '../../runner/journal/state-directory.ts';
import { type Recovery, undoJournal } from '../../runner/undo/undo-journal.ts';
import { oneLine } from '../../text/clean.ts';
import type { Io } from '../io.ts';

/**
 * Undoes what dead runs left behind. Runs that go on are left alone.
 * @returns 0 when nothing is left, 5 when something could not be undone
 */
export async function recover({ format }: { format: 'text' | 'json' }, io: Io): Promise<number> {
  const recoveries: Recovery[] = [];
  for (const { file } of await leftoversOfTheDead()) {
    const recovery = await undoJournal(file);
    writeEpilogue(recovery);
    recoveries.push(recovery);
  }
  if (format === 'json') io.stdout.write(`${JSON.stringify(recoveries.map(told), null, 2)}\n`);
  else show(recoveries, io);
  return recoveries.some(({ stuck }) => stuck.length > 0) ? exitCodes.leftBehind : exitCodes.passed;
}

/** The journals of runs whose runner is no more. */
export async function leftoversOfTheDead(): Promise<Outstanding[]> {
  const found: Outstanding[] = [];
  for (const file of await listJournals(journalDirectory())) {
    // A guardian may be at work on it right now, and remove it.
    const outstanding = await readJournal(file).catch(() => undefined);
    if (outstanding && !(outstanding.header && isAlive(outstanding.header.runner))) found.push(outstanding);
  }
  return found;
}

function show(recoveries: Recovery[], io: Io): void {
  if (recoveries.length === 0) io.stdout.write('Nothing is left behind.\n');
  for (const { outstanding, undone, stuck } of recoveries) {
    io.stdout.write(
      `${outstanding.header?.run ?? outstanding.file}: ${undone.length} undone, ${stuck.length} could not be\n`,
    );
    for (const { message, command } of stuck)
      io.stderr.write(`  ${oneLine(message)}\n  by hand: ${oneLine(command)}\n`);
  }
}

const told = ({ outstanding, undone, stuck }: Recovery) => ({
  run: outstanding.header?.run ?? null,
  scenario: outstanding.header?.scenario ?? null,
  journal: outstanding.file,
  undone,
  stuck,
});
