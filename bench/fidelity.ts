/*
 * What faults do against what was asked of them, second by second, by the kernel's account or the receiver's count.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { signalProcess } from '../src/host/signal.ts';
import { usageOf } from '../src/host/usage.ts';
import type { StressWork } from '../src/model/stress-work.ts';
import { startProxy } from '../src/proxy/start.ts';
import { startStress } from '../src/runner/instruments/stress.ts';
import { finding } from './finding.ts';

const seconds = 4;
const MiB = 2 ** 20;

for (const cores of [1, Math.min(2, availableParallelism())])
  for (const load of [0.2, 0.5, 0.8, 1]) await cpuStress(load, cores);
for (const bytes of [100 * MiB, 1024 * MiB]) await memoryStress(bytes);
await bandwidth([1e6, 1e7, 1e8]);
process.exit(0);

async function cpuStress(load: number, cores: number): Promise<void> {
  const shares: number[] = [];
  await under({ kind: 'cpu', load, cores }, async (pid) => {
    await pause(200);
    for (let second = 0; second < seconds; second += 1) {
      const [before, began] = [usageOf(pid)!.cpuMs, performance.now()];
      await pause(1000);
      shares.push((usageOf(pid)!.cpuMs - before) / (performance.now() - began) / cores);
    }
  });
  finding({
    what: `cpu-stress ${load * 100} % of ${cores} ${cores === 1 ? 'core' : 'cores'}`,
    measured: shares.map((share) => `${(share * 100).toFixed(1)} %`).join(', '),
    goal: 'within 3 points each second',
    against: 'what was asked; the kernel counts in steps of 10 ms',
  });
}

async function memoryStress(bytes: number): Promise<void> {
  const began = performance.now();
  await under({ kind: 'memory', bytes, rampMs: 0 }, async (pid, beforeBytes) => {
    const tookMs = performance.now() - began;
    const held = usageOf(pid)!.memoryBytes - beforeBytes;
    finding({
      what: `memory-stress ${bytes / MiB} MiB`,
      measured: `${(held / bytes).toFixed(3)} × after ${tookMs.toFixed(0)} ms`,
      goal: 'within 2 %, within 1 s a GiB',
      against: 'what was asked',
    });
  });
}

async function under(work: StressWork, look: (pid: number, beforeBytes: number) => Promise<void>): Promise<void> {
  const { signal } = new AbortController();
  const stress = await startStress(work, {
    entry: resolve('dist', 'stress.cjs'),
    run: 'bench',
    step: 'load',
    cgroups: [],
    signal,
  });
  await look(stress.process.pid, stress.before.memoryBytes);
  signalProcess(stress.process, 'SIGKILL');
  await pause(100);
}

async function bandwidth(rates: number[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
  const socketPath = join(directory, 'control');
  const { child, control } = await startProxy({ entry: join('dist', 'proxy.cjs'), socketPath, env: process.env });
  const block = Buffer.alloc(256 * 1024);
  const server = createServer((socket) => {
    const more = () => {
      while (socket.write(block));
    };
    socket.on('drain', more).on('error', () => undefined);
    more();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  for (const bytesPerSecond of rates) {
    const proxy = `link-${bytesPerSecond}`;
    const bound = await control.listen({
      proxy,
      listen: '127.0.0.1:0',
      upstream: `127.0.0.1:${port}`,
      protocol: 'tcp',
    });
    await control.add(proxy, {
      id: 'limit',
      kind: 'bandwidth',
      settings: { bytesPerSecond, per: 'link', direction: 'both' },
    });
    let received = 0;
    const client = connect(Number(bound.split(':').at(-1)), '127.0.0.1');
    client.on('data', (data) => {
      received += data.length;
    });
    await pause(500);
    const errors: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      const [before, began] = [received, performance.now()];
      await pause(1000);
      errors.push(((received - before) / ((performance.now() - began) / 1000) / bytesPerSecond - 1) * 100);
    }
    client.destroy();
    finding({
      what: `network-bandwidth ${bytesPerSecond / 1e6} MB/s on a proxy`,
      measured: errors.map((error) => `${error >= 0 ? '+' : ''}${error.toFixed(2)} %`).join(', '),
      goal: 'within 2 % over each second',
      against: 'what was asked, as the client received it',
    });
  }
  server.close();
  control.close();
  child.stdin?.end();
  rmSync(directory, { recursive: true, force: true });
}
