import type { Effect, ProcessState, Sight } from '../../model/fault.ts';
import { inWords } from '../in-words.ts';
import { observationLimitMs } from '../observation-limit.ts';

const dyingMs = 200;

/** Right after SIGSTOP: waits until none runs any more. */
export async function pauseSeen(sight: Sight): Promise<Effect> {
  await sight.until(observationLimitMs, async () => !(await sight.processes()).some(isRunning) || undefined);
  const processes = await sight.processes();
  const running = processes.filter(isRunning);
  if (processes.every(isGone)) return effect('unseen', 'there was no process to pause', processes);
  if (running.length > 0) return effect('unseen', `${inWords(running)} still running`, processes);
  return effect('seen', `${inWords(processes.filter(isStopped))} paused`, processes);
}

/** Right before SIGCONT: whether they stood still to the end. */
export async function pauseHeld(sight: Sight): Promise<Effect> {
  // A paused process that is being killed runs for a moment, on its way out.
  await sight.until(dyingMs, async () => !(await sight.processes()).some(isRunning) || undefined);
  const processes = await sight.processes();
  const [stopped, running, gone] = [isStopped, isRunning, isGone].map((are) => processes.filter(are));
  if (running!.length > 0) return effect('unseen', `${inWords(running!)} running before the pause was over`, processes);
  if (stopped!.length === 0) return effect('unseen', 'no process was there to the end of the pause', processes);
  const ended = gone!.length > 0 ? `; ${inWords(gone!)} ended meanwhile` : '';
  return effect('seen', `${inWords(stopped!)} paused${ended}`, processes);
}

/** Right after SIGCONT. */
export async function pauseEnded(sight: Sight): Promise<string | undefined> {
  await sight.until(observationLimitMs, async () => !(await sight.processes()).some(isStopped) || undefined);
  const stopped = (await sight.processes()).filter(isStopped);
  return stopped.length > 0 ? `${inWords(stopped)} still paused` : undefined;
}

const effect = (seen: Effect['seen'], summary: string, processes: ProcessState[]): Effect => ({
  seen,
  summary,
  figures: { paused: processes.filter(isStopped).length, pids: processes.map(({ pid }) => pid) },
});

const isRunning = ({ state }: ProcessState): boolean => state === 'running';
const isStopped = ({ state }: ProcessState): boolean => state === 'stopped';
const isGone = ({ state }: ProcessState): boolean => state === 'gone';
