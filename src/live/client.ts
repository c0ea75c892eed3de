import { fork } from 'node:child_process';
import { identify } from '../host/processes.ts';

/**
 * Serves the page of a run while it goes on. Ends by itself some moments after us.
 * @param port 0: any that is free
 * @returns where the page is
 * @throws with one line when it cannot be served
 */
export async function startLive(entry: string, events: string, port: number): Promise<string> {
  const runner = identify(process.pid) ?? { pid: process.pid, startTime: '' };
  const child = fork(entry, [events, String(port), String(runner.pid), runner.startTime], {
    execArgv: [],
    // Its own session: a Ctrl-C ends the run, and the page shows how.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const told = await new Promise<{ url?: string; error?: string }>((resolve) => {
    child.once('message', (message) => resolve(message as { url?: string; error?: string }));
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('exit', (code) => resolve({ error: `it ended with ${code}` }));
  });
  // The run's end does not wait for it.
  child.unref();
  child.channel?.unref();
  if (told.url === undefined) throw new Error(`the live page cannot be served: ${told.error}`);
  return told.url;
}
