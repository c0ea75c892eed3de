import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server of the tests' own: a process and its directory. */
export interface RunningServer {
  port: number;
  directory: string;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
}

/**
 * Starts a server on a free port and waits until it answers.
 * @param about.command its argv. Called with a fresh directory, after which it may be written to
 * @param about.answers rejects while the server is not ready
 */
export async function startServer(about: {
  name: string;
  command(port: number, directory: string): string[];
  answers(port: number): Promise<unknown>;
  endWith?: NodeJS.Signals;
}): Promise<RunningServer> {
  const directory = mkdtempSync(join(tmpdir(), `chaos-${about.name}-`));
  const port = await freePort();
  const [program, ...args] = about.command(port, directory);
  const server = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const logs = [collect(server.stdout), collect(server.stderr)];
  let isOver = false;
  const exit = once(server, 'exit').finally(() => {
    isOver = true;
  });
  for (;;) {
    try {
      await about.answers(port);
      break;
    } catch {
      if (isOver) throw new Error(`${about.name} did not start:\n${logs.map((log) => log()).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return {
    port,
    directory,
    async stop() {
      server.kill(about.endWith ?? 'SIGTERM');
      await exit;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-10_000);
  });
  return () => text;
}
