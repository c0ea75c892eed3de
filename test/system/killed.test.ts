import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { identify, processState } from '../../src/host/processes.ts';
import type { RunEvent } from '../../src/model/event.ts';
import { chaos } from '../support/chaos.ts';
import { GameDay, hello } from './support/game-day.ts';

const everything = hello(`timeline:
  - { id: pause, inject: process-pause, target: hello, for: 400ms }
  - { id: settle, await: steady-state, within: 10s }
  - { id: kill, inject: process-kill, target: hello }
  - { id: back, await: steady-state, within: 10s }
  - { id: work, run: [sh, -c, "sleep 0.2 & sleep 0.3"] }
  - { id: again, inject: process-pause, target: hello, for: 10s }
`);

describe.concurrent('a run that is killed with SIGKILL', () => {
  // Moments spread over start, baseline, faults and work; the seed is told by the name.
  const moments = Array.from({ length: 16 }, (_, index) => 30 + ((index * 613 + 97) % 2400));
  it.each(moments)('after %d ms leaves nothing behind', { timeout: 60_000 }, async (ms) => {
    const day = new GameDay(everything);
    await delay(ms);
    day.signal('SIGKILL');
    await day.end();
    expect(await day.untilClean()).toEqual([]);
  });

  it('in the moments in which it comes up leaves nothing behind', { timeout: 60_000 }, async () => {
    const moments = Array.from({ length: 30 }, (_, index) => index * 2);
    // How long it takes to come up depends on the machine: the moments begin where the first event is written.
    for (const ms of moments) {
      const day = new GameDay(everything);
      await day.until('run-started');
      await delay(ms);
      day.signal('SIGKILL');
      await day.end();
      expect(await day.untilClean(), `killed ${ms} ms after its first event`).toEqual([]);
    }
  });

  it('while a process is paused lets that process go on', { timeout: 60_000 }, async () => {
    const day = new GameDay(everything);
    const armed = await day.until('injection-armed');
    await day.until('injection-in-force');
    const [signal] = armed.inject;
    if (signal?.op !== 'signal') throw new Error('not a signal');
    expect(processState(signal.processes[0]!).state).toBe('stopped');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(processState(signal.processes[0]!).state).toBe('gone'); // continued, then stopped with the run that started it
  });

  it('lets a process that was there before go on living', { timeout: 60_000 }, async () => {
    const { spawn } = await import('node:child_process');
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      const identity = identify(other.pid!)!;
      const day = new GameDay(`version: 1
name: Somebody else's process
targets:
  other: { running: { pid: ${other.pid} } }
timeline:
  - { inject: process-pause, target: other, for: 30s }
`);
      await day.until('injection-in-force');
      expect(processState(identity).state).toBe('stopped');
      day.signal('SIGKILL');
      expect(await day.untilClean()).toEqual([]);
      expect(processState(identity).state).toBe('running');
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('while it injects by a slow command of the author undoes what that command does last', {
    timeout: 60_000,
  }, async () => {
    const day = new GameDay(
      `version: 1
name: Slow injector
parameters: { flag: { type: string } }
timeline:
  - inject: command
    with:
      inject: [sh, -c, "sleep 0.5; touch \\"$0\\"", "\${flag}"]
      undo: [rm, -f, "\${flag}"]
`,
      { argv: ['--set', 'flag=/tmp/chaos-test-slow-injector'] },
    );
    await day.until('injection-armed');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(existsSync('/tmp/chaos-test-slow-injector')).toBe(false);
  });

  it('frees the port of its proxied link', { timeout: 60_000 }, async () => {
    const day = new GameDay('scenarios/slow-link.yaml');
    const { plan } = await day.until('run-started');
    await day.until('injection-in-force');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    const port = Number(plan.parameters.linkPort);
    expect(await becomes(async () => !(await connects(port)))).toBe(true);
  });

  it('while requests fail ends the link on which they do', { timeout: 60_000 }, async () => {
    const day = new GameDay('scenarios/api-failure.yaml');
    const { plan } = await day.until('run-started');
    await day.until('injection-in-force', ({ step }) => step === 'broken');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    for (const port of ['port', 'linkPort'])
      expect(await becomes(async () => !(await connects(Number(plan.parameters[port]))))).toBe(true);
  });

  it.each(['target-started', 'baseline', 'injection-in-force', 'target-exited'])(
    'at the moment of %s stops the PostgreSQL that it started',
    { timeout: 60_000 },
    async (moment) => {
      const day = new GameDay('scenarios/db-failure.yaml');
      const { plan } = await day.until('run-started');
      if (moment === 'baseline') await day.until('phase-started', ({ phase }) => phase === 'baseline');
      else await day.until(moment as RunEvent['type']);
      day.signal('SIGKILL');
      expect(await day.untilClean()).toEqual([]);
      // PostgreSQL writes over its environment, so it is looked for by its port.
      for (const port of ['databasePort', 'linkPort', 'ordersPort'])
        expect(await becomes(async () => !(await connects(Number(plan.parameters[port]))))).toBe(true);
    },
  );

  it('and whose journal somebody removed still leaves no process', { timeout: 60_000 }, async () => {
    const { rmSync } = await import('node:fs');
    const day = new GameDay(everything);
    const { pid } = await day.until('target-ready');
    await day.until('injection-in-force');
    rmSync(join(day.place, 'chaos'), { recursive: true });
    day.signal('SIGKILL');
    expect(await becomes(async () => identify(pid!) === undefined)).toBe(true);
  });

  it('can still be told as a report, which says who undid it', { timeout: 60_000 }, async () => {
    const day = new GameDay(everything);
    await day.until('injection-in-force');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await day.end();
    const { stdout, exitCode } = await chaos(['report', day.output, '--format', 'json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'aborted',
      exitCode: 3,
      reasons: ['the runner died; the guardian undid what was in force'],
    });
  });

  it('together with its guardian is cleaned up by chaos recover', { timeout: 60_000 }, async () => {
    const day = new GameDay(everything);
    await day.until('injection-in-force');
    const guardian = await day.helper('chaos-guardian');
    process.kill(day.pid, 'SIGSTOP'); // so that it cannot start another guardian
    process.kill(guardian, 'SIGKILL');
    day.signal('SIGKILL');
    await day.end();
    expect(day.leftovers()).not.toEqual([]);
    const { exitCode, stdout } = await chaos(['recover'], { env: { XDG_STATE_HOME: day.place } });
    expect(exitCode, stdout).toBe(0);
    expect(day.leftovers()).toEqual([]);
    expect(existsSync(join(day.place, 'chaos', 'journals'))).toBe(true);
  });
});

/** A process that is going loses its environment, by which it is found, a moment before its sockets. */
async function becomes(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let left = 1000; left > 0; left -= 1) {
    if (await isSo()) return true;
    await delay(5);
  }
  return false;
}

const connects = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
