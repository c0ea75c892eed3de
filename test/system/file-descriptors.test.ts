import { createConnection } from 'node:net';
import { describe, it } from 'vitest';
import { openFiles } from '../../src/host/open-files.ts';
import { descendants } from '../../src/host/processes.ts';
import { becomes } from '../support/becomes.ts';
import { GameDay, hello } from './support/game-day.ts';

const scenario = (time: string): string =>
  hello(`timeline:
  - { id: leak, inject: file-descriptors, target: hello, with: { limit: 10 }, for: ${time} }
  - { await: steady-state, within: 10s }
`);

describe.concurrent('a process whose files are limited', { timeout: 60_000 }, () => {
  it('can take no further connection, and can again afterwards', async ({ expect }) => {
    const day = new GameDay(scenario('1500ms'));
    const { plan } = await day.until('run-started');
    const { pid } = await day.until('target-ready');
    const before = openFiles(pid!)!.limit;
    await day.until('injection-in-force');
    expect(openFiles(pid!)!.limit).toBeLessThan(100);
    // Node accepts and closes at once what it has no descriptor for.
    expect(await isAnswered(Number(plan.parameters.port))).toBe(false);
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]!.effect.summary).toContain('may have');
    expect(before).toBeGreaterThan(1000);
    expect(day.report().injections[0]).toMatchObject({ state: 'undone', gone: true });
  });

  it('has its old limit back when the runner is killed', async ({ expect }) => {
    const { spawn } = await import('node:child_process');
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      const before = openFiles(other.pid!)!.limit;
      const day = new GameDay(`version: 1
name: Somebody else's process
targets:
  other: { running: { pid: ${other.pid} } }
timeline:
  - { inject: file-descriptors, target: other, with: { limit: 7 }, for: 60s }
`);
      await day.until('injection-in-force');
      expect(openFiles(other.pid!)!.limit).toBe(7);
      day.signal('SIGKILL');
      expect(await day.untilClean()).toEqual([]);
      expect(openFiles(other.pid!)!.limit).toBe(before);
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('has children that inherited the lower limit, and they get the old one, too', async ({ expect }) => {
    const { spawn } = await import('node:child_process');
    const parent = spawn('sh', ['-c', 'read line; sleep 60 & read line'], { stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      const before = openFiles(parent.pid!)!.limit;
      const day = new GameDay(`version: 1
name: A server that forks workers
targets:
  other: { running: { pid: ${parent.pid} } }
timeline:
  - { inject: file-descriptors, target: other, with: { limit: 12 }, for: 1s }
`);
      await day.until('injection-in-force');
      parent.stdin!.write('\n');
      await becomes(() => descendants(parent.pid!).length === 1);
      const [child] = descendants(parent.pid!);
      expect(openFiles(child!.pid)!.limit).toBe(12);
      expect(await day.end(), day.stderr).toBe(0);
      expect(openFiles(child!.pid)!.limit).toBe(before);
      process.kill(child!.pid, 'SIGKILL');
    } finally {
      parent.kill('SIGKILL');
    }
  });
});

const isAnswered = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.setTimeout(700, () => socket.destroy());
    socket.once('data', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
