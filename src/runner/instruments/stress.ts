import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { joinCgroups } from '../../host/cgroups.ts';
import { marked } from '../../host/mark.ts';
import { identify } from '../../host/processes.ts';
import { revealed } from '../../host/secrets.ts';
import { type Usage, usageOf } from '../../host/usage.ts';
import type { ProcessIdentity } from '../../model/operation.ts';
import type { StressWork } from '../../model/stress-work.ts';

const wordsKept = 4096;
/** One that is asked for figures is about to be undone: that is not put off for long. */
const answerWithinMs = 2000;

/** A process of ours that puts a load on the machine, and what it had taken before it began. */
export interface StressProcess {
  process: ProcessIdentity;
  before: Usage;
  /** `performance.now()` when it began. */
  beganMs: number;
  /** What it says of its work. @throws when it is gone */
  ask(): Promise<Record<string, number>>;
}

/**
 * Starts one and waits until its load is on. It holds one end of a pipe of ours: when we die, however, it ends.
 * @param options.cgroups directories of control groups that bound it
 * @param options.deadlineMs after so long it ends by itself, even if we and the guardian cannot end it
 * @throws with what it said when it could not begin
 */
export async function startStress(
  work: StressWork,
  options: { entry: string; run: string; step: string; cgroups: string[]; deadlineMs?: number; signal: AbortSignal },
): Promise<StressProcess> {
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  const child = spawn(process.execPath, [options.entry], {
    // Writers block in a pool of threads, which has four by default.
    env: { ...environment, ...marked(options.run, options.step), UV_THREADPOOL_SIZE: '64' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
  });
  child.stdin.on('error', () => undefined);
  const gaveUp = () => child.kill('SIGKILL');
  options.signal.addEventListener('abort', gaveUp, { once: true });
  try {
    await said(child, 'ready');
    const identity = identify(child.pid!);
    joinCgroups(child.pid!, options.cgroups);
    const before = usageOf(child.pid!);
    if (!identity || !before) throw new Error('the stress process ended at once');
    const beganMs = performance.now();
    child.stdin.write(`${JSON.stringify({ work: revealed(work), deadlineMs: options.deadlineMs })}\n`);
    await said(child, 'started');
    return { process: identity, before, beganMs, ask: () => ask(child) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    options.signal.removeEventListener('abort', gaveUp);
    for (const held of [child, child.stdout, child.stderr, child.stdin] as { unref(): void }[]) held.unref();
  }
}

async function ask(child: ChildProcess): Promise<Record<string, number>> {
  const gone = new Error('the stress process is gone');
  if (child.exitCode !== null || child.signalCode !== null) throw gone;
  const stdout = child.stdout as Socket;
  stdout.ref(); // while we wait for an answer there is something to wait for
  try {
    child.stdin!.write('report\n');
    const ended = once(child, 'close').then(() => Promise.reject(gone));
    const silent = delay(answerWithinMs, undefined, { ref: false }).then(() =>
      Promise.reject(new Error('the stress process does not answer')),
    );
    return JSON.parse(await Promise.race([lineOf(child), ended, silent])) as Record<string, number>;
  } finally {
    stdout.unref();
  }
}

/** Waits for a word of it. @throws with what it said instead */
async function said(child: ChildProcess, word: string): Promise<void> {
  let words = '';
  const hear = (text: Buffer) => {
    words = (words + text).slice(-wordsKept);
  };
  child.stderr!.on('data', hear);
  const ended = once(child, 'close').then(([code, signal]) => {
    throw new Error(words.trim() || `the stress process ${signal ? `was ended by ${signal}` : `exited with ${code}`}`);
  });
  ended.catch(() => undefined);
  const heard = lineOf(child).then((line) => {
    if (line !== word) throw new Error(`it said ${line}`);
  });
  await Promise.race([heard, ended]);
  child.stderr!.off('data', hear);
}

/** The next line of its output. */
async function lineOf(child: ChildProcess): Promise<string> {
  let line = '';
  while (!line.endsWith('\n')) line += String((await once(child.stdout!, 'data'))[0]);
  return line.trimEnd();
}
