import { appendFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../model/diagnostic.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { writeEpilogue } from '../../runner/guardian/epilogue.ts';
import { knownRuns } from '../../runner/journal/known-runs.ts';
import { commandFor } from '../../runner/undo/command-for.ts';
import { type Recovery, undoJournal } from '../../runner/undo/undo-journal.ts';
import { oneLine } from '../../text/clean.ts';
import type { Io } from '../io.ts';

/**
 * Undoes what dead runs left behind. Runs that go on are left alone.
 * @returns 0 when nothing is left, 5 when something could not be undone
 */
export async function recover({ format }: { format: 'text' | 'json' }, io: Io): Promise<number> {
  const recoveries: Recovery[] = [];
  for (const { file } of (await knownRuns()).filter(({ goesOn }) => !goesOn)) {
    const beganAt = new Date();
    const recovery = await undoJournal(file);
    await writeEpilogue(recovery, beganAt);
    recoveries.push(recovery);
  }
  if (format === 'json') io.stdout.write(`${JSON.stringify(recoveries.map(told), null, 2)}\n`);
  else show(recoveries, io);
  return recoveries.some(({ stuck }) => stuck.length > 0) ? exitCodes.leftBehind : exitCodes.passed;
}

function show(recoveries: Recovery[], io: Io): void {
  if (recoveries.length === 0) io.stdout.write('Nothing is left behind.\n');
  for (const { outstanding, undone, lapsed, stuck } of recoveries) {
    const ended = lapsed.length === 0 ? '' : `, ${lapsed.length} had ended when the machine was started again`;
    io.stdout.write(
      `${outstanding.header?.run ?? outstanding.file}: ${undone.length} undone${ended}, ${stuck.length} could not be\n`,
    );
    for (const { message, command } of stuck)
      io.stderr.write(`  ${oneLine(message)}\n  by hand: ${oneLine(command)}\n`);
  }
}

const told = ({ outstanding, undone, lapsed, stuck }: Recovery) => ({
  run: outstanding.header?.run ?? null,
  scenario: outstanding.header?.scenario ?? null,
  journal: outstanding.file,
  undone,
  lapsed,
  stuck,
});

/**
 * Takes what a dead run left behind off the books without undoing it. What it was, and why, is kept in `forgotten.ndjson`
 * beside the journals.
 * @throws UserError when no such run left anything behind
 */
export async function forget(run: string, because: string, io: Pick<Io, 'stdout'>): Promise<number> {
  const found = (await knownRuns()).find((one) => one.run === run && !one.goesOn);
  if (!found) {
    const message = `no dead run "${run}" has left anything behind: chaos status lists those that have`;
    throw new UserError([{ severity: 'error', code: 'unknown-run', message, file: 'chaos recover --forget' }]);
  }
  const { file, header, undos } = found;
  const kept = { run, because, at: new Date().toISOString(), scenario: header?.scenario ?? null, undos };
  await appendFile(join(dirname(file), '..', 'forgotten.ndjson'), `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  await rm(file, { force: true });
  io.stdout.write(`${run} is forgotten. It was not undone; by hand:\n`);
  for (const { undo } of undos) io.stdout.write(`  ${oneLine(commandFor(undo))}\n`);
  return exitCodes.passed;
}
