/*
 * How exact the sampler's schedule is at several rates, and what one stall looks like, both against a sampler that asks
 * again when it has its answer. Sampler, server and this process share whatever cores there are.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Duration, milliseconds } from '../src/model/duration.ts';
import type { Sample } from '../src/model/event.ts';
import type { Probe } from '../src/model/scenario.ts';
import { startSampler } from '../src/sampler/client.ts';
import { finding } from './finding.ts';

const secondsEach = 4;

const worker = new Worker(serverSource(), { eval: true });
const port = await new Promise<number>((resolve) => worker.once('message', resolve));
const url = `http://127.0.0.1:${port}/`;

for (const perSecond of [20, 100, 500, 1000, 2000]) await exactness(perSecond);
await stall();
await worker.terminate();

async function exactness(perSecond: number): Promise<void> {
  const closedLoop = await waitingSampler(1000 / perSecond, secondsEach * 1000);
  const { samples, cpuShare } = await sampled(1000 / perSecond, secondsEach * 1000);
  const late = samples.map(({ lateMs }) => lateMs);
  finding({
    what: `sampler: ${perSecond} HTTP samples/s`,
    measured: `late p50 ${quantile(late, 0.5).toFixed(2)} p99 ${quantile(late, 0.99).toFixed(2)} ms; ${(samples.length / (secondsEach * perSecond)).toFixed(3)} × the samples due, ${samples.filter(({ state }) => state !== 'good').length} not good; ${(cpuShare * 100).toFixed(0)} % of a core`,
    against: `fetch in a loop that waits: late p99 ${quantile(closedLoop.late, 0.99).toFixed(2)} ms, ${(closedLoop.late.length / (secondsEach * perSecond)).toFixed(3)} × the samples due`,
  });
}

/** The server answers nobody for 500 ms, once in 4 seconds. */
async function stall(): Promise<void> {
  worker.postMessage('stall');
  const waiting = await waitingSampler(10, 4000);
  worker.postMessage('stall');
  const { samples } = await sampled(10, 4000);
  const seen = quantile(
    samples.map(({ latencyMs }) => latencyMs),
    0.99,
  );
  finding({
    what: 'sampler: p99 of the latency with one stall of 500 ms in 4 s',
    measured: `${seen.toFixed(0)} ms (${(seen / quantile(waiting.latency, 0.99)).toFixed(0)} ×)`,
    against: `${quantile(waiting.latency, 0.99).toFixed(1)} ms by a loop that waits for its answers`,
  });
}

async function sampled(everyMs: number, forMs: number): Promise<{ samples: Sample[]; cpuShare: number }> {
  const samples: Sample[] = [];
  let isEnough: () => void;
  const enough = new Promise<void>((resolve) => {
    isEnough = resolve;
  });
  const sampler = await startSampler({
    entry: join('dist', 'sampler.cjs'),
    run: 'bench',
    originNs: process.hrtime.bigint(),
    env: process.env,
    onSamples(_, batch) {
      samples.push(...batch);
      if (samples.length >= forMs / everyMs) isEnough();
    },
    onFailure(message) {
      throw new Error(message);
    },
  });
  const before = cpuMs(sampler.pid);
  const began = performance.now();
  await sampler.start([httpProbe(milliseconds(everyMs))]);
  await enough;
  await sampler.stopSampling();
  const cpuShare = (cpuMs(sampler.pid) - before) / (performance.now() - began);
  await sampler.close();
  return { samples: samples.slice(0, Math.round(forMs / everyMs)), cpuShare };
}

/** What a simple script does: asks, waits for the answer, and sleeps until the next is due. */
async function waitingSampler(everyMs: number, forMs: number): Promise<{ late: number[]; latency: number[] }> {
  const late: number[] = [];
  const latency: number[] = [];
  const began = performance.now();
  for (let dueMs = began; performance.now() - began < forMs; dueMs = Math.max(dueMs + everyMs, performance.now())) {
    const leftMs = dueMs - performance.now();
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
    const askedMs = performance.now();
    late.push(Math.max(0, askedMs - dueMs));
    await (await fetch(url)).arrayBuffer();
    latency.push(performance.now() - askedMs);
  }
  return { late, latency };
}

function httpProbe(every: Duration): Probe {
  return {
    id: 'bench',
    path: '' as Probe['path'],
    kind: 'http',
    settings: { url, method: 'GET', insecure: false },
    expect: { status: 200 },
    every,
    timeout: milliseconds(2000),
    successThreshold: 1,
  };
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  // utime and stime, in ticks of 10 ms
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

/** Answers at once; told to, it stalls a second later. */
function serverSource(): string {
  return `
    const { createServer } = require('node:http');
    const { parentPort } = require('node:worker_threads');
    let held;
    const server = createServer((_, response) => (held ? held.push(response) : response.end('ok')));
    parentPort.on('message', () => setTimeout(() => {
      held = [];
      setTimeout(() => {
        const waiting = held;
        held = undefined;
        for (const response of waiting) response.end('ok');
      }, 500);
    }, 1000));
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  `;
}
