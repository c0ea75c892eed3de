/*
 * How long a safeguard takes from the moment at which it was broken until everything is undone, while the run's own fault
 * keeps every processor busy: 20 runs that pause a server under cpu-stress. And the same with the runner stopped, so that
 * its sampler ends it and its guardian undoes.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvent } from '../src/model/event.ts';
import { finding } from './finding.ts';
import { quantile } from './measure.ts';

const everyMs = 20;
const failingForMs = 1000;
const runs = 20;
const place = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
const file = join(place, 'safeguard.yaml');
writeFileSync(
  file,
  `version: 1
name: Bench
parameters:
  port: { type: port, default: auto }
targets:
  machine: { host: local }
  hello:
    process:
      command: [node, demo/hello/server.js]
      env: { PORT: "\${port}" }
      ready: { http: "http://127.0.0.1:\${port}/" }
steadyState:
  - { id: answers, http: "http://127.0.0.1:\${port}/", every: ${everyMs}ms, timeout: 500ms }
baseline: 300ms
timeline:
  - { id: burn, inject: cpu-stress, target: machine, with: { load: 100%, cores: all }, for: 60s }
  - { id: hang, inject: process-pause, target: hello, for: 60s, after: { step: burn, event: started, delay: 200ms } }
safety:
  abortWhen: [{ probe: answers, failingFor: ${failingForMs}ms }]
`,
);

try {
  await tell('alive', false);
  await tell('stopped', true);
} finally {
  rmSync(place, { recursive: true, force: true });
}

async function tell(runner: string, isStopped: boolean): Promise<void> {
  const took: number[] = [];
  for (let run = 0; run < runs; run += 1) took.push(await undoneAfterMs(join(place, `${runner}-${run}`), isStopped));
  finding({
    what: `safeguard: broken until undone, every core burnt, runner ${runner}`,
    measured: `p50 ${quantile(took, 0.5).toFixed(0)}, worst ${Math.max(...took).toFixed(0)} ms of ${runs}`,
    against: `probes every ${everyMs} ms`,
    goal: `<= ${everyMs} + 250 ms`,
  });
}

/** @returns milliseconds from the moment at which the probe had failed for so long, until the last fault was undone */
async function undoneAfterMs(output: string, isStopped: boolean): Promise<number> {
  const child = spawn(process.execPath, [resolve('bin', 'chaos.cjs'), 'run', file, '--output', output], {
    env: { ...process.env, XDG_STATE_HOME: place },
    stdio: 'ignore',
  });
  if (isStopped) {
    await seen(
      output,
      ({ type, ...event }) => type === 'injection-in-force' && 'step' in event && event.step === 'hang',
    );
    child.kill('SIGSTOP');
  }
  await seen(output, ({ type }) => type === 'run-ended');
  const events = eventsOf(output);
  const firstBad = events
    .flatMap((event) => (event.type === 'samples' ? event.samples : []))
    .filter(({ state }) => state === 'bad')
    .reduce((least, { dueMs }) => Math.min(least, dueMs), Number.POSITIVE_INFINITY);
  const since = Number.isFinite(firstBad)
    ? firstBad
    : // A stopped runner writes no samples: the first that can have failed was due when the server was stopped.
      events.find((event) => event.type === 'injection-in-force' && event.step === 'hang')!.atMs;
  const undone = events.filter(({ type }) => type === 'injection-undone').map(({ atMs }) => atMs);
  return Math.max(...undone) - (since + failingForMs);
}

async function seen(output: string, matches: (event: RunEvent) => boolean): Promise<void> {
  for (let left = 6000; left > 0 && !eventsOf(output).some(matches); left -= 1) await delay(5);
}

function eventsOf(output: string): RunEvent[] {
  const events = join(output, 'events.ndjson');
  if (!existsSync(events)) return [];
  return readFileSync(events, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as RunEvent);
}
