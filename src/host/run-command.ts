import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { Command, CommandResult } from '../model/command.ts';
import { timerMs } from '../model/duration.ts';
import type { ProcessIdentity } from '../model/operation.ts';
import { Capture } from './capture.ts';
import { marked } from './mark.ts';
import { identify } from './processes.ts';
import { revealed } from './secrets.ts';
import { stopGroup } from './stop.ts';

export interface RunCommandOptions {
  /** The run whose mark the process carries. */
  run: string;
  /** Ends the process group early. */
  signal?: AbortSignal;
  /** Kept of each of stdout and stderr, bytes. */
  outputCap?: number;
  /** Inherited as descriptor 3: whoever reads its other end learns when the last process that holds it is gone. */
  lifeline?: Writable;
  /** What to do with members of the process group that outlive the command; by default they are ended with it. */
  survivors?: 'end' | 'leave';
  /** Told as soon as the process exists. */
  onStart?(process: ProcessIdentity): void;
}

const defaultOutputCap = 64 * 1024;
const graceMs = 2000;
/** How long output that was written before the end may take to arrive. */
const drainMs = 100;

/**
 * Runs a program to its end: argv without a shell, its own process group, a time limit, capped output.
 * @returns what became of it, also when it could not be started; never rejects for what the program did
 */
export async function runCommand(command: Command, options: RunCommandOptions): Promise<CommandResult> {
  const startedAt = performance.now();
  const { argv, env } = revealed({ argv: command.argv, env: command.env ?? {} });
  const [file, ...rest] = argv as [string, ...string[]];
  const stdout = new Capture(options.outputCap ?? defaultOutputCap);
  const stderr = new Capture(options.outputCap ?? defaultOutputCap);
  const finished = (how: Pick<CommandResult, 'exitCode' | 'signal' | 'timedOut' | 'startError'>): CommandResult => ({
    argv: command.argv,
    ...how,
    stdout: stdout.output(),
    stderr: stderr.output(),
    durationMs: performance.now() - startedAt,
  });

  const child = execa(file, rest, {
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    env: { ...env, ...marked(options.run) },
    stdio: ['ignore', 'pipe', 'pipe', ...(options.lifeline ? [options.lifeline as never] : [])],
    // Our own group, ended whole by us. execa's clean-up would only end the child itself.
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
  });
  if (child.pid === undefined) {
    const failure = await child;
    return finished({
      exitCode: null,
      signal: null,
      timedOut: false,
      startError: startError(file, failure.cause, command.cwd),
    });
  }
  const leader = identify(child.pid) ?? { pid: child.pid, startTime: '' };
  options.onStart?.(leader);

  const closed = Promise.all([stdout.read(child.stdout!), stderr.read(child.stderr!)]);
  const exited = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  let timedOut = false;
  const end = () => void stopGroup(leader, 'SIGTERM', graceMs).catch(() => undefined);
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timerMs(command.timeout));
  if (options.signal?.aborted) end();
  else options.signal?.addEventListener('abort', end, { once: true });

  const exit = await exited;
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', end);
  const endsSurvivors = (options.survivors ?? 'end') === 'end';
  if (endsSurvivors) await stopGroup(leader, 'SIGTERM', graceMs).catch(() => undefined);
  // Whoever left the group, or was left alone, may hold the pipes open for as long as it lives.
  await Promise.race([closed, delay(drainMs)]);
  if (endsSurvivors) for (const stream of [child.stdout!, child.stderr!]) stream.destroy();
  return finished({ ...exit, timedOut });
}

function startError(file: string, cause: unknown, cwd: string | undefined): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT')
    return cwd === undefined ? `there is no program ${file}` : `there is no program ${file}, or no directory ${cwd}`;
  if (code === 'EACCES') return `${file} may not be executed`;
  return `${file} could not be started: ${(cause as Error | undefined)?.message ?? 'unknown reason'}`;
}
