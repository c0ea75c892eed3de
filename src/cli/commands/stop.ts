import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../../host/processes.ts';
import { signalProcess } from '../../host/signal.ts';
import { UserError } from '../../model/diagnostic.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { hintFor } from '../../parser/suggest.ts';
import { type KnownRun, knownRuns } from '../../runner/journal/known-runs.ts';
import type { Io } from '../io.ts';

const lookEveryMs = 10;
/** How long a guardian may take for what a dead runner left it. */
const guardianMs = 30_000;
/** A runner that ended by itself has left in its journal what stays there. */
const settlingMs = 500;

/**
 * Ends runs that are in progress, all of them or one, and waits until everything is undone.
 * @param options.grace how long a runner may take before it is killed, and its guardian undoes; milliseconds
 * @returns 0 when nothing is left of them, 5 when something could not be undone
 * @throws UserError when there is no run of that name
 */
export async function stop(
  run: string | undefined,
  { grace }: { grace: number },
  io: Pick<Io, 'stdout' | 'stderr'>,
): Promise<number> {
  const runs = await chosen(run);
  if (runs.length === 0) io.stdout.write('No run is in progress.\n');
  const ended = await Promise.all(runs.map((one) => end(one, grace, io)));
  return ended.every((isClean) => isClean) ? exitCodes.passed : exitCodes.leftBehind;
}

async function chosen(run: string | undefined): Promise<KnownRun[]> {
  const inProgress = (await knownRuns()).filter(({ goesOn }) => goesOn);
  if (run === undefined) return inProgress;
  const found = inProgress.find((one) => one.run === run);
  if (found) return [found];
  const hint = hintFor(
    run,
    inProgress.map((one) => one.run),
    'in progress:',
  );
  const message = `no run "${run}" is in progress${inProgress.length > 0 ? `: ${hint}` : ''}`;
  throw new UserError([{ severity: 'error', code: 'unknown-run', message, file: 'chaos stop' }]);
}

/** @returns whether nothing of it is left */
async function end(
  { run, header, file }: KnownRun,
  graceMs: number,
  io: Pick<Io, 'stdout' | 'stderr'>,
): Promise<boolean> {
  const runner = header!.runner;
  const began = performance.now();
  signalProcess(runner, 'SIGTERM');
  await until(() => !isAlive(runner), graceMs);
  const wasKilled = isAlive(runner);
  if (wasKilled) {
    io.stderr.write(`${run} does not end; its guardian undoes what it did.\n`);
    signalProcess(runner, 'SIGKILL');
  }
  await until(() => !isAlive(runner) && !existsSync(file), wasKilled ? guardianMs : settlingMs);
  const isClean = !existsSync(file);
  const took = `${((performance.now() - began) / 1000).toFixed(1)}s`;
  if (isClean) io.stdout.write(`${run} stopped, everything undone (${took})\n`);
  else io.stderr.write(`${run} stopped, but something is left: chaos status says what, chaos recover tries again\n`);
  return isClean;
}

async function until(isSo: () => boolean, withinMs: number): Promise<void> {
  for (const endMs = performance.now() + withinMs; !isSo() && performance.now() < endMs; ) await delay(lookEveryMs);
}
