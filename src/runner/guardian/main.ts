import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nameProcess } from '../../host/name-process.ts';
import { isAlive } from '../../host/processes.ts';
import { signalProcess } from '../../host/signal.ts';
import { stopMarked } from '../../host/stop.ts';
import type { ProcessIdentity } from '../../model/operation.ts';
import { undoJournal } from '../undo/undo-journal.ts';
import { writeEpilogue } from './epilogue.ts';

/*
 *   runner ──────── stdin of the guardian (nothing is ever written) ────────▶ guardian
 *      └── each injecting command inherits the same end ──────────────────────┘
 *
 * End of file means: the runner is dead, and so is every command that was still injecting. Had the guardian only
 * watched the runner, a command that outlives it could inject after the undo.
 */

const [journal, runnerPid, runnerStartTime, deadlineNs] = process.argv.slice(2) as [string, string, string, string];
const run = basename(journal, '.ndjson');
const runner: ProcessIdentity = { pid: Number(runnerPid), startTime: runnerStartTime };

/** How long commands that outlive the runner may go on injecting before they are ended. */
const injectorGraceMs = 2000;
/** How long what is ended may take to end by itself. */
const graceMs = 500;
const deadlineEveryMs = 1000;
/** How long a runner that has let go of us may take to end by itself. */
const fenceMs = 1000;

nameProcess('chaos-guardian');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const)
  process.on(signal, () => undefined);
preferOthersToBeKilled();

process.stdin.resume();
const endOfFile = new Promise<void>((resolve) => {
  process.stdin.once('end', resolve);
  process.stdin.once('close', resolve);
  process.stdin.once('error', () => resolve());
});
async function main(): Promise<void> {
  await Promise.race([endOfFile, injectorHangs(), runnerIsStuck()]);
  await fence();
  try {
    const beganAt = new Date();
    await writeEpilogue(await undoJournal(journal), beganAt);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // The runner removed its journal: it ended well. Had somebody else removed it, what the run started is still known by its mark.
    await stopMarked(run, graceMs);
  }
  process.exit(0);
}

void main();

/** The runner is dead but a command that it began still holds the pipe: after a grace the command is ended. */
async function injectorHangs(): Promise<void> {
  while (isAlive(runner)) await delay(250);
  await delay(injectorGraceMs);
  await stopMarked(run, graceMs);
}

/** Whatever a run does, it is over by its deadline. The monotonic clock stands still while a machine sleeps. */
async function runnerIsStuck(): Promise<void> {
  if (deadlineNs === '') return await new Promise(() => undefined);
  while (process.hrtime.bigint() < BigInt(deadlineNs)) await delay(deadlineEveryMs);
}

/** A runner that is alive could inject again behind an undo: nothing is undone before it is gone. */
async function fence(): Promise<void> {
  const until = performance.now() + fenceMs;
  while (isAlive(runner)) {
    if (performance.now() > until) signalProcess(runner, 'SIGKILL');
    await delay(2);
  }
}

function preferOthersToBeKilled(): void {
  try {
    const current = Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
    writeFileSync('/proc/self/oom_score_adj', String(Math.min(current, -900)));
  } catch {
    // Only root may lower it.
  }
}
