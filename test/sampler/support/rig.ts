import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Duration, milliseconds } from '../../../src/model/duration.ts';
import type { Sample } from '../../../src/model/event.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { Probe } from '../../../src/model/scenario.ts';
import { type Sampler, startSampler } from '../../../src/sampler/client.ts';

export const entry = join(import.meta.dirname, '..', '..', '..', 'dist', 'sampler.cjs');

/** A real sampler process, and what it told. */
export interface Rig {
  sampler: Sampler;
  samples: { probe: string; sample: Sample }[];
  failures: string[];
  of(probe: string): Sample[];
  /** Resolves once what was told so far is as wanted. */
  until(isAsWanted: () => boolean): Promise<void>;
  /** Milliseconds since the run's start, by our own clock. */
  now(): number;
}

export async function startRig(): Promise<Rig> {
  const originNs = process.hrtime.bigint();
  const samples: Rig['samples'] = [];
  const failures: string[] = [];
  const waiting = new Set<() => void>();
  const sampler = await startSampler({
    entry,
    run: 'test-run',
    originNs,
    env: process.env,
    onSamples(probe, batch) {
      for (const sample of batch) samples.push({ probe, sample });
      for (const look of waiting) look();
    },
    onFailure(message) {
      failures.push(message);
      for (const look of waiting) look();
    },
  });
  return {
    sampler,
    samples,
    failures,
    of: (probe) => samples.filter((one) => one.probe === probe).map(({ sample }) => sample),
    until: (isAsWanted) =>
      new Promise((resolve) => {
        const look = () => {
          if (!isAsWanted()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    now: () => Number(process.hrtime.bigint() - originNs) / 1e6,
  };
}

export const probe = (
  id: string,
  kind: string,
  settings: JsonObject,
  { every = 20, timeout = 1000, expect = {} }: { every?: number; timeout?: number; expect?: JsonObject } = {},
): Probe => ({
  id,
  path: '' as Probe['path'],
  kind,
  settings,
  expect: kind === 'http' || kind === 'ledger' ? { status: '2xx', ...expect } : expect,
  every: milliseconds(every),
  timeout: milliseconds(timeout) as Duration,
  successThreshold: 1,
});

export const get = (url: string): JsonObject => ({ url, method: 'GET', insecure: false });

export async function serve(
  listener: RequestListener,
): Promise<{ url: string; server: Server; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
