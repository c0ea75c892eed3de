import { Worker } from 'node:worker_threads';
import { nowMs } from './now.ts';

/**
 * Rings soon after a moment, a tenth of a millisecond typically: `setTimeout` counts whole milliseconds.
 * A thread of its own waits in `Atomics.wait`, which has the kernel's precision, so nothing here ever spins.
 */
export class Alarm {
  /** Resolves when the thread waits; until then a ring comes late. */
  readonly ready: Promise<void>;
  readonly #thread: Worker;
  readonly #deadline: Float64Array;
  readonly #changes: Int32Array;

  constructor(ring: () => void) {
    const shared = new SharedArrayBuffer(16);
    this.#deadline = new Float64Array(shared, 0, 1);
    this.#changes = new Int32Array(shared, 8, 1);
    this.#deadline[0] = Number.POSITIVE_INFINITY;
    this.#thread = new Worker(threadSource, { eval: true, workerData: shared, execArgv: [], env: {} });
    this.#thread.unref();
    this.ready = new Promise((resolve) => this.#thread.once('message', () => resolve()));
    this.#thread.on('message', ring);
  }

  /** Forgets what was set before. A moment that is over rings at once; `Infinity` never. */
  set(atMs: number): void {
    this.#deadline[0] = atMs + kernelClockAheadMs;
    Atomics.add(this.#changes, 0, 1);
    Atomics.notify(this.#changes, 0);
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}

/** `performance.now()` starts at 0 in every thread; the kernel's monotonic clock is the same for all. */
const kernelClockAheadMs = Number(process.hrtime.bigint()) / 1e6 - nowMs();

// A string, because a worker needs a file of its own or a string, and bundles have one file a program.
// The deadline is written before the counter and read after it: a stale one shows as a counter that moved.
const threadSource = `
  const { parentPort, workerData } = require('node:worker_threads');
  const deadline = new Float64Array(workerData, 0, 1);
  const changes = new Int32Array(workerData, 8, 1);
  parentPort.postMessage('ready');
  for (;;) {
    const seen = Atomics.load(changes, 0);
    const leftMs = deadline[0] - Number(process.hrtime.bigint()) / 1e6;
    if (leftMs > 0) {
      Atomics.wait(changes, 0, seen, leftMs);
    } else {
      parentPort.postMessage('ring');
      Atomics.wait(changes, 0, seen);
    }
  }
`;
