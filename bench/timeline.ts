/*
 * How late steps start against their planned time: 500 pauses due every 10 ms, idle and while both cores are burnt at
 * nice 0; and whether delays add up, as the lateness of the twentieth of twenty steps against the first.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunEvent } from '../src/model/event.ts';
import { finding } from './finding.ts';

const chaos = resolve('bin', 'chaos.cjs');
const place = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
const events = 500;
const apartMs = 10;

const scenario = (steps: string[]) =>
  `version: 1\nname: Bench\ntimeline:\n${steps.map((step) => `  - ${step}\n`).join('')}`;
const dense = scenario(
  Array.from({ length: events }, (_, index) => `{ id: s${index}, at: ${100 + index * apartMs}ms, pause: 1ms }`),
);
const chain = scenario(Array.from({ length: 20 }, (_, index) => `{ id: s${index}, pause: 100ms }`));

try {
  const idle = lateness(dense);
  const burners = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }),
  );
  const busy = lateness(dense);
  for (const burner of burners) burner.kill('SIGKILL');
  tell(`${events} steps, idle`, idle, '<= 2 ms');
  tell(`${events} steps, every core burnt`, busy, '<= 10 ms');
  const inChain = lateness(chain);
  finding({
    what: 'the twentieth of twenty pauses in a row',
    measured: `${inChain.at(-1)!.toFixed(2)} ms late`,
    against: `the first: ${inChain[0]!.toFixed(2)} ms late`,
    goal: 'no later',
  });
} finally {
  rmSync(place, { recursive: true });
}

function tell(what: string, late: number[], goal: string): void {
  const sorted = late.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]!.toFixed(2);
  finding({
    what: `start of ${what}`,
    measured: `p99 ${at(0.99)} ms late`,
    against: `p50 ${at(0.5)} ms, first ${sorted[0]!.toFixed(2)} ms`,
    goal: `p99 ${goal}`,
  });
}

/** @returns by how many milliseconds each step started after its planned time, in their order */
function lateness(text: string): number[] {
  const file = join(place, 'bench.yaml');
  const output = join(place, 'run');
  writeFileSync(file, text);
  const { status, stderr } = spawnSync(process.execPath, [chaos, 'run', file, '--output', output], {
    env: { ...process.env, XDG_STATE_HOME: place },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`chaos run ended with ${status}: ${stderr}`);
  return readFileSync(join(output, 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent)
    .flatMap((event) => (event.type === 'step-started' ? [event.atMs - event.plannedMs] : []));
}
