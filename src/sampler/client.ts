import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { lastWordsOf } from '../host/last-words.ts';
import type { LedgerResult, Sample, WorkloadResult } from '../model/event.ts';
import type { Probe, ProbeSpec } from '../model/scenario.ts';
import type { Watch } from './last-resort.ts';
import type { Report, RequestBody } from './message.ts';
import type { Tripped } from './safeguards.ts';

/** The process that asks the system how it is, seen from the runner. */
export interface Sampler {
  pid: number;
  /**
   * Begins to sample, each probe on its own fixed schedule; nothing is due before the moment that it resolves with, in the
   * run's milliseconds. Once in a sampler's life. Rejects with why a probe cannot be opened.
   */
  start(probes: Probe[], watch?: Watch): Promise<number>;
  /** One sample, now, of a probe that need not be among those started. Rejects with why it cannot be opened. */
  once(spec: ProbeSpec): Promise<Sample>;
  /** Of a ledger that was started: reads everything back and compares. Stop sampling first. Rejects with why it cannot be read. */
  verify(probe: string): Promise<LedgerResult>;
  /** Of another workload that was started. Rejects with why nothing can be said of it. */
  check(probe: string): Promise<WorkloadResult>;
  /** No sample is due any more. Resolves when the last outstanding one was told; each takes no longer than its timeout. */
  stopSampling(): Promise<void>;
  /** Ends the process. Never rejects; closing twice is harmless. */
  close(): Promise<void>;
}

export interface SamplerOptions {
  /** The built program: `entries.sampler`. */
  entry: string;
  run: string;
  /** `process.hrtime.bigint()` at the run's start: the monotonic clock is the same for all processes of a machine. */
  originNs: bigint;
  env: NodeJS.ProcessEnv;
  /** Told some 50 times a second at most, in the order of the answers, which is not always that of the schedule. */
  onSamples(probe: string, samples: Sample[]): void;
  /** A safeguard was broken. Told once. */
  onTripped?(tripped: Tripped): void;
  /** The sampler died though nobody closed it: what it would have seen is unknown. Told once. */
  onFailure(message: string): void;
}

/** A sampler that was asked to close is killed after so long. */
const graceMs = 3000;

interface Waiting {
  resolve(result: never): void;
  reject(error: Error): void;
}

/**
 * Starts the sampler: a process of its own in a session of its own, so that neither a busy runner nor a Ctrl-C in the
 * terminal disturbs it. It ends when this process does, however that dies.
 * @throws with what it said when it did not come up
 */
export async function startSampler(options: SamplerOptions): Promise<Sampler> {
  const child = fork(options.entry, [options.run, String(options.originNs)], {
    env: options.env,
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const lastWords = lastWordsOf(child.stderr!);
  const exited = endOf(child, lastWords);
  await ready(child, exited);

  const waiting = new Map<number, Waiting>();
  let requests = 0;
  let closing: Promise<void> | undefined;

  child.on('message', (report: Report) => {
    if (report.type === 'samples') return options.onSamples(report.probe, report.samples);
    if (report.type === 'ready') return;
    if (report.type === 'tripped') {
      void request<null>({ type: 'heard' }).catch(() => undefined);
      return options.onTripped?.({ message: report.message, path: report.path });
    }
    const asked = waiting.get(report.request);
    waiting.delete(report.request);
    if (report.type === 'done') asked?.resolve(report.result as never);
    else asked?.reject(new Error(report.message));
  });
  void exited.then((message) => {
    const died = new Error(closing ? 'the sampler is closed' : message);
    for (const asked of waiting.values()) asked.reject(died);
    waiting.clear();
    if (!closing) options.onFailure(message);
  });

  function request<T extends Sample | LedgerResult | WorkloadResult | number | null>(body: RequestBody): Promise<T> {
    if (!child.connected) return Promise.reject(new Error('the sampler is not there any more'));
    requests += 1;
    const number = requests;
    return new Promise<T>((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      // When it cannot be sent, the process is about to be gone, and that rejects it.
      child.send({ request: number, ...body }, () => {});
    });
  }

  async function close(): Promise<void> {
    if (child.connected) child.send({ request: 0, type: 'close' }, () => {});
    const patience = new AbortController();
    const isGone = await Promise.race([
      exited.then(() => true),
      delay(graceMs, false, { signal: patience.signal }).catch(() => false),
    ]);
    patience.abort();
    if (!isGone) child.kill('SIGKILL');
    await exited;
  }

  return {
    pid: child.pid!,
    start: (probes, watch) => request<number>({ type: 'start', probes, ...(watch ? { watch } : {}) }),
    once: (spec) => request<Sample>({ type: 'once', spec }),
    verify: (probe) => request<LedgerResult>({ type: 'verify', probe }),
    check: (probe) => request<WorkloadResult>({ type: 'verify', probe }),
    stopSampling: async () => void (await request<null>({ type: 'stop-sampling' })),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** @returns why it ended, in words, once it has */
function endOf(child: ChildProcess, lastWords: () => string): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`the sampler could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      const how = signal === null ? `exited with ${code}` : `was ended by ${signal}`;
      const said = lastWords();
      resolve(`the sampler ${how}${said ? `: ${said}` : ''}`);
    });
  });
}

async function ready(child: ChildProcess, exited: Promise<string>): Promise<void> {
  const first = new Promise<'ready'>((resolve) => child.once('message', () => resolve('ready')));
  const outcome = await Promise.race([first, exited]);
  if (outcome !== 'ready') throw new Error(outcome);
}
