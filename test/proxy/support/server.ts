import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../src/host/free-ports.ts';

/** A server of the tests' own: a process and its directory. */
export interface RunningServer {
  port: number;
  directory: string;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
}

interface About {
  name: string;
  /** Its argv. Called with a fresh directory, which it may fill. */
  command(port: number, directory: string): string[];
  /** Rejects while the server is not ready. */
  answers(port: number): Promise<unknown>;
  endWith?: NodeJS.Signals;
}

/** Starts a server on a free port and waits until it answers. */
export async function startServer(about: About): Promise<RunningServer> {
  const directory = mkdtempSync(join(tmpdir(), `chaos-${about.name}-`));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    return await startIn(directory, about, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

async function startIn(
  directory: string,
  { name, command, answers, endWith = 'SIGTERM' }: About,
  remove: () => void,
): Promise<RunningServer> {
  const port = await freePort();
  const [program, ...args] = command(port, directory);
  const server = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const logs = [collect(server.stdout), collect(server.stderr)];
  let isOver = false;
  const exit = once(server, 'exit').finally(() => {
    isOver = true;
  });
  while (
    !(await answers(port).then(
      () => true,
      () => false,
    ))
  ) {
    if (isOver) throw new Error(`${name} did not start:\n${logs.map((log) => log()).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    directory,
    async stop() {
      server.kill(endWith);
      await exit;
      remove();
    },
  };
}

/** A certificate of its own for a server on this machine, made by `openssl`. @returns the paths of its two files */
export function certificate(directory: string): { key: string; cert: string } {
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const made = ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  chmodSync(key, 0o600);
  return { key, cert };
}

export const freePort = async (): Promise<number> => (await freePorts(1))[0]!;

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-10_000);
  });
  return () => text;
}
