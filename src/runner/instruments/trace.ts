import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { marked } from '../../host/mark.ts';
import { identify } from '../../host/processes.ts';
import type { ProcessIdentity } from '../../model/operation.ts';
import type { Tampering } from '../../model/tampering.ts';

/** A process of ours that stands between processes and the kernel. */
export interface Trace {
  process: ProcessIdentity;
  /** How many system calls it has tampered with so far. */
  hits(): number;
}

/**
 * Attaches `strace` to processes, with all their threads and whatever they will start, and waits until it holds them. It
 * lets go of them when it is told to end. Should we die, the kernel tells it to (`PR_SET_PDEATHSIG`); after `deadlineMs`
 * `timeout` does; should it be killed itself, the kernel lets go of them.
 * @throws with what `strace` said when it could not attach
 * @see man 1 strace, man 2 ptrace
 */
export async function startTrace(
  processes: ProcessIdentity[],
  tampering: Tampering,
  options: { run: string; step: string; deadlineMs?: number; signal: AbortSignal },
): Promise<Trace> {
  const [program, ...argv] = traceArgv(processes, tampering, options.deadlineMs);
  const child = spawn(program!, argv, {
    env: { ...process.env, ...marked(options.run, options.step) },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    cwd: '/',
  });
  const gaveUp = () => child.kill('SIGTERM');
  options.signal.addEventListener('abort', gaveUp, { once: true });
  let hits = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      const waiting = new Set(processes.map(({ pid }) => String(pid)));
      let words = '';
      createInterface({ input: child.stderr }).on('line', (line) => {
        if (line.endsWith('(INJECTED)') || line.endsWith('(DELAYED)')) hits += 1;
        if (waiting.size === 0) return;
        words ||= line;
        const attached = /^strace: Process ([0-9]+) attached/.exec(line)?.[1];
        if (attached !== undefined && waiting.delete(attached) && waiting.size === 0) resolve();
      });
      child.once('error', ({ message }) => reject(new Error(`strace could not be started: ${message}`)));
      child.once('close', () => reject(new Error(words || 'strace ended before it was attached')));
    });
    const identity = identify(child.pid!);
    if (!identity) throw new Error('strace ended at once');
    return { process: identity, hits: () => hits };
  } catch (error) {
    child.kill('SIGTERM');
    throw error;
  } finally {
    options.signal.removeEventListener('abort', gaveUp);
    unref(child);
  }
}

/** What is executed. Calls that this kernel does not have are left out (`?`). */
function traceArgv(processes: ProcessIdentity[], { calls, paths, effect }: Tampering, deadlineMs?: number): string[] {
  const set = calls.map((call) => `?${call}`).join(',');
  return [
    ...['setpriv', '--pdeathsig', 'TERM'],
    ...(deadlineMs === undefined ? [] : ['timeout', '--kill-after=5', String(Math.ceil(deadlineMs / 1000))]),
    ...['strace', '-f', '-s', '0', '-a', '1', '-e', 'signal=none'],
    ...paths.flatMap((path) => ['-P', path]),
    ...['-e', `trace=${set}`, '-e', `inject=${set}:${effect}`],
    ...processes.flatMap(({ pid }) => ['-p', String(pid)]),
  ];
}

/** It is not to keep us from ending. */
function unref(child: ChildProcess): void {
  child.unref();
  (child.stderr as unknown as { unref(): void }).unref();
}
