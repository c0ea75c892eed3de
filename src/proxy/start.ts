import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { lastWordsOf } from '../host/last-words.ts';
import { connectProxy, type ProxyControl } from './client.ts';

export interface StartedProxy {
  /** Ends when its stdin is closed: `child.stdin.end()`. */
  child: ChildProcess;
  control: ProxyControl;
  /** The end of what it wrote to stderr: why it died, when it did. */
  lastWords(): string;
}

/**
 * Starts the proxy process and takes hold of it. It lives no longer than this process, however that dies.
 * @param options.entry the built proxy program
 * @param options.socketPath in a directory that exists and is private; at most 107 bytes long, as the kernel wants it
 * @param options.group the group id that it runs with; for root
 * @throws with what the proxy said when it did not come up
 */
export async function startProxy(options: {
  entry: string;
  socketPath: string;
  env: NodeJS.ProcessEnv;
  group?: number | undefined;
}): Promise<StartedProxy> {
  const child = spawn(process.execPath, [options.entry, options.socketPath], {
    env: options.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A session of its own: a signal for the group of the runner does not end it before its counters are read.
    detached: true,
    ...(options.group === undefined ? {} : { gid: options.group }),
  });
  child.stdin.on('error', () => {}); // it ended first
  const lastWords = lastWordsOf(child.stderr);
  try {
    await untilReady(child, child.stdout, lastWords);
    return { child, control: await connectProxy(options.socketPath), lastWords };
  } catch (error) {
    child.stdin.end();
    child.kill('SIGKILL');
    throw error;
  }
}

function untilReady(child: ChildProcess, stdout: Readable, lastWords: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`the fault proxy could not be started: ${error.message}`)));
    child.once('close', (code, signal) => {
      const how = signal === null ? `exited with ${code}` : `was ended by ${signal}`;
      reject(new Error(`the fault proxy ${how} before it was ready: ${lastWords()}`));
    });
    stdout.once('data', () => resolve());
  });
}
