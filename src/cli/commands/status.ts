import { exitCodes } from '../../model/exit-code.ts';
import { faultsOf, type KnownRun, knownRuns } from '../../runner/journal/known-runs.ts';
import { commandFor } from '../../runner/undo/command-for.ts';
import { oneLine } from '../../text/clean.ts';
import { plural } from '../../text/plural.ts';
import { wrap } from '../../text/width.ts';
import type { Io } from '../io.ts';

/**
 * Lists the runs in progress, the faults that are in force, and what dead runs left behind.
 * @returns 0; 5 when a dead run left something behind
 */
export async function status(
  { format }: { format: 'text' | 'json' },
  io: Pick<Io, 'stdout' | 'columns'>,
): Promise<number> {
  const runs = await knownRuns();
  if (format === 'json') io.stdout.write(`${JSON.stringify(runs.map(told), null, 2)}\n`);
  else if (runs.length === 0) io.stdout.write('No run is in progress, and none left anything behind.\n');
  else io.stdout.write(runs.map((run) => shown(run, Math.min(io.columns, 100))).join('\n'));
  return runs.some(({ goesOn }) => !goesOn) ? exitCodes.leftBehind : exitCodes.passed;
}

function shown(known: KnownRun, columns: number): string {
  const { run, header, goesOn } = known;
  const faults = faultsOf(known);
  const since = header
    ? `since ${header.startedAt.slice(11, 19)}Z, pid ${header.runner.pid}`
    : 'its journal is damaged';
  const lines = [
    `${run}  ${goesOn ? 'in progress' : 'DEAD, and left something behind'}`,
    ...(header
      ? wrap(oneLine(`${header.scenario}, ${since}`), columns - 2).map((line) => `  ${line}`)
      : [`  ${since}`]),
    `  ${faults.length === 0 ? 'no fault is in force' : `${plural(new Set(faults.map(({ step }) => step)).size, 'fault')} in force:`}`,
    ...faults.flatMap(({ step, undo }) =>
      wrap(oneLine(`${step}, undone by: ${commandFor(undo)}`), columns - 4).map((line) => `    ${line}`),
    ),
    `  ${goesOn ? `chaos stop ${run} ends it and undoes everything` : 'chaos recover undoes it'}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const told = (known: KnownRun) => ({
  run: known.run,
  scenario: known.header?.scenario ?? null,
  startedAt: known.header?.startedAt ?? null,
  pid: known.header?.runner.pid ?? null,
  state: known.goesOn ? 'in-progress' : 'dead',
  events: known.header?.events ?? null,
  faults: faultsOf(known).map(({ step, undo }) => ({ step, undo, command: commandFor(undo) })),
  outstanding: known.undos.length,
  journal: known.file,
});
