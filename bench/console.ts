/*
 * What it costs to watch a run: one picture of a thousand steps against one of ten, what the live view adds to the
 * longest stall of the event loop, and what folding a sample into the report costs against parsing its line.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import { milliseconds, seconds } from '../src/model/duration.ts';
import type { RunEvent, RunEventBody } from '../src/model/event.ts';
import type { Plan } from '../src/model/plan.ts';
import { createConsole } from '../src/reporters/console/create.ts';
import { Board } from '../src/reporters/console/live/board.ts';
import { frame } from '../src/reporters/console/live/frame.ts';
import { paintFor } from '../src/reporters/console/paint.ts';
import { ReportFold } from '../src/reporters/fold.ts';
import { finding } from './finding.ts';

const place = { line: 1, column: 1, length: 1 };

function planOf(steps: number): Plan {
  return {
    format: 'chaos-plan/1',
    scenario: { file: 'bench.yaml', name: 'A long game day', tags: [] },
    seed: 1,
    isSham: false,
    control: false,
    groups: [],
    recovered: { steadyState: true },
    parameters: {},
    targets: [],
    probes: ['web', 'api'].map((id) => ({
      id,
      kind: 'http',
      settings: {},
      expect: {},
      timeout: seconds(1),
      every: milliseconds(10),
      successThreshold: 3,
      path: '',
      place,
    })),
    baselineMs: 0,
    recoveryMs: 0,
    steps: Array.from({ length: steps }, (_, index) => ({
      id: `step-${index}`,
      title: `wait for what step ${index} has to wait for`,
      place,
      depth: 0,
      waitsFor: [],
      delayMs: 0,
      expected: { earliestStartMs: 0, latestStartMs: 0, earliestEndMs: 0, latestEndMs: 0 },
      action: { kind: 'pause', for: seconds(10) },
    })),
    objectives: [],
    checklist: [],
    safety: { blastRadius: {}, abortWhen: [], allow: [], environments: [] },
  };
}

let seq = 0;
const event = (atMs: number, body: RunEventBody): RunEvent => ({ seq: seq++, atMs, time: '', ...body });
const host = { platform: '', release: '', arch: '', cpus: 2, memoryBytes: 0, node: '' };
const begin = (plan: Plan): RunEvent =>
  event(0, { type: 'run-started', run: 'bench', version: '', pid: process.pid, host, plan });

class Terminal extends Writable {
  readonly columns = 120;
  readonly rows = 40;
  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done();
  }
}

/** @returns milliseconds for one, the median of so many rounds of a hundred */
function timed(work: () => void): number {
  const rounds = Array.from({ length: 31 }, () => {
    const start = performance.now();
    for (let count = 0; count < 100; count += 1) work();
    return (performance.now() - start) / 100;
  });
  return rounds.sort((a, b) => a - b)[15]!;
}

function drawing(steps: number): number {
  const board = new Board(planOf(steps));
  for (let index = 0; index < steps / 2; index += 1)
    board.add(event(index, { type: 'step-started', step: `step-${index}`, plannedMs: index }));
  const canvas = { columns: 120, rows: 40, nowMs: 5000, tick: 1, paint: paintFor(true) };
  return timed(() => frame(board, canvas));
}

/** @returns the longest stall in milliseconds while every tenth of the steps changes, five times a second */
async function longestStall(steps: number, watched: boolean): Promise<number> {
  const screen = { stream: new Terminal(), isTTY: true, columns: 120, color: true, ci: false };
  const console = watched ? await createConsole(screen) : undefined;
  console?.add(begin(planOf(steps)));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let round = 0; round < 15; round += 1) {
    for (let index = round; index < steps; index += 10)
      console?.add(event(round * 200, { type: 'step-started', step: `step-${index}`, plannedMs: 0 }));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  delay.disable();
  const fold = new ReportFold();
  fold.add(begin(planOf(1)));
  console?.finish(fold.report(), []);
  return delay.max / 1e6;
}

function folding(): { fold: number; parse: number } {
  const fold = new ReportFold();
  fold.add(begin(planOf(1)));
  fold.add(event(0, { type: 'phase-started', phase: 'timeline' }));
  let dueMs = 0;
  const sample = (): RunEvent => {
    dueMs += 10;
    return event(dueMs, {
      type: 'samples',
      probe: 'web',
      samples: [{ dueMs, lateMs: 0.1, latencyMs: 3.21, state: 'good' }],
    });
  };
  const line = JSON.stringify(sample());
  return { fold: timed(() => fold.add(sample())), parse: timed(() => JSON.parse(line)) };
}

const small = drawing(10);
const large = drawing(1000);
finding({
  what: 'one picture of 1,000 steps',
  measured: `${(large / small).toFixed(2)} ×  (${large.toFixed(3)} ms)`,
  against: `one of 10 steps (${small.toFixed(3)} ms)`,
  goal: '<= 5 ×',
});

const idle = await longestStall(1000, false);
const watched = await longestStall(1000, true);
finding({
  what: 'longest stall under the live view, 1,000 steps',
  measured: `${(watched / idle).toFixed(2)} ×  (${watched.toFixed(1)} ms)`,
  against: `nobody watching (${idle.toFixed(1)} ms)`,
});

const { fold, parse } = folding();
finding({
  what: 'folding one sample into the report',
  measured: `${(fold / parse).toFixed(2)} ×  (${(fold * 1000).toFixed(2)} µs)`,
  against: `JSON.parse of its line (${(parse * 1000).toFixed(2)} µs)`,
});
