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

/** What is started, and how. */
export interface ProxyStart {
  /** For messages. */
  name?: string;
  /** The built program. */
  entry: string;
  /** In a directory that exists and is private; at most 107 bytes long, as the kernel wants it. */
  socketPath: string;
  env: NodeJS.ProcessEnv;
  /** Words that make a command work elsewhere, such as in a network namespace. */
  within?: string[];
  /** The group id that it runs as; root only. */
  group?: number;
}

/**
 * Starts the process of a proxy and takes hold of it. It lives no longer than this process, however that dies.
 * @throws with what it said when it did not come up
 */
export async function startProxy({
  name = 'fault proxy',
  entry,
  socketPath,
  env,
  within = [],
  group,
}: ProxyStart): Promise<StartedProxy> {
  const [program, ...argv] = [...within, process.execPath, entry, socketPath];
  const child = spawn(program!, argv, {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A session of its own: a signal for the group of the runner does not end it before its counters are read.
    detached: true,
    ...(group === undefined ? {} : { gid: group }),
  });
  child.stdin.on('error', () => {}); // it ended first
  const lastWords = lastWordsOf(child.stderr);
  try {
    await untilReady(name, child, child.stdout, lastWords);
    return { child, control: await connectProxy(socketPath), lastWords };
  } catch (error) {
    child.stdin.end();
    child.kill('SIGKILL');
    throw error;
  }
}

function untilReady(name: string, child: ChildProcess, stdout: Readable, lastWords: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`the ${name} could not be started: ${error.message}`)));
    child.once('close', (code, signal) => {
      const how = signal === null ? `exited with ${code}` : `was ended by ${signal}`;
      reject(new Error(`the ${name} ${how} before it was ready: ${lastWords()}`));
    });
    stdout.once('data', () => resolve());
  });
}
