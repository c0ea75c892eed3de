/* What it takes to have another proxy beside ours. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Absent, type Contender } from './contender.ts';
import type { Ports } from './roles.ts';

/**
 * @param configure writes what it needs into a directory of its own. @returns its arguments
 * @param readyPorts it is ready when it listens on them: each is tried with a connection
 * @throws Absent
 */
export async function startPeer(
  name: string,
  ports: Ports,
  command: string,
  configure: (directory: string) => string[],
  readyPorts: number[] = Object.values(ports),
): Promise<Contender & { pid: number }> {
  refuseWithout(command);
  const directory = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
  // Ended by the kernel when this process dies, however it does.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...configure(directory)], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  await Promise.all(readyPorts.map((port) => untilListening(port, child)));
  return {
    name,
    ports,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM');
      await exit;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** @throws Absent */
export function refuseWithout(command: string): void {
  if (spawnSync('which', [command]).status !== 0) throw new Absent(`${command} is not installed here`);
}

/** One that nobody listens on for each name. */
export async function freePorts<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
  const servers = await Promise.all(
    names.map(async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return Object.fromEntries(names.map((name, index) => [name, ports[index]])) as Record<Name, number>;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode} before it listened on ${port}`);
}
