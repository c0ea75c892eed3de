import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { StressWork } from '../model/stress-work.ts';

/** One thread a core. @returns once all of them burn */
export async function burn({ load, cores }: Extract<StressWork, { kind: 'cpu' }>): Promise<void> {
  const threads = Array.from(
    { length: Math.min(cores === 'all' ? Number.POSITIVE_INFINITY : cores, availableParallelism()) },
    () => new Worker(threadSource, { eval: true, workerData: { load }, env: {} }),
  );
  await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once('message', resolve))));
}

/*
 * A closed loop over the time that the kernel says this thread was on a processor: under competition an open one (burn
 * 8 of 10 ms) takes half of what it was asked for. It aims at `load` of the time since it began. What it could not have
 * in a second is forgotten, so that it does not burn without pause when the competition ends.
 *
 * A string, because a worker needs a file of its own or a string, and bundles have one file a program.
 */
const threadSource = `
  const { openSync, readSync } = require('node:fs');
  const { parentPort, workerData: { load } } = require('node:worker_threads');
  const pieceMs = 5;
  const forgetMs = 500;
  const account = openSync('/proc/thread-self/schedstat', 'r');
  const text = Buffer.alloc(64);
  const usedMs = () => Number(text.toString('latin1', 0, readSync(account, text, 0, 64, 0)).split(' ')[0]) / 1e6;
  const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  parentPort.postMessage('burning');
  let [sinceMs, sinceUsedMs] = [nowMs(), usedMs()];
  for (;;) {
    const dueMs = load * (nowMs() - sinceMs) - (usedMs() - sinceUsedMs);
    if (dueMs > load * forgetMs) sinceMs += (dueMs - load * forgetMs) / load;
    if (dueMs > 0) {
      const untilMs = nowMs() + Math.min(dueMs, pieceMs);
      while (nowMs() < untilMs);
    } else if (load < 1) {
      Atomics.wait(sleeper, 0, 0, Math.max(0.2, Math.min(pieceMs, -dueMs / load + pieceMs * (1 - load))));
    }
  }
`;
