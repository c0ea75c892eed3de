/*
 * What a call of `chaos` costs, as a ratio to `node -e 0`. The calls take turns, so that a slow moment of the machine
 * meets all of them; medians of so many rounds.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { finding } from './finding.ts';

const rounds = Number(process.env.ROUNDS ?? 31);
const chaos = resolve('bin', 'chaos.cjs');
const place = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
const trivial = join(place, 'trivial.yaml');
writeFileSync(trivial, 'version: 1\nname: One trivial step\ntimeline:\n  - run: ["true"]\n');

interface Call {
  name: string;
  argv: string[];
  /** At most so many times the bare node. */
  goal?: number;
}

const bare: Call = { name: 'node -e 0', argv: ['-e', '0'] };
const calls: Call[] = [
  bare,
  { name: 'chaos --version', argv: [chaos, '--version'], goal: 1.3 },
  { name: 'chaos --help', argv: [chaos, '--help'] },
  { name: 'chaos validate scenarios/db-failure.yaml', argv: [chaos, 'validate', 'scenarios/db-failure.yaml'], goal: 2 },
  { name: 'chaos run, one trivial step', argv: [chaos, 'run', trivial, '--output', join(place, 'run')], goal: 3 },
];

const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
const env = { ...inherited, XDG_STATE_HOME: place };
const times = new Map(calls.map((call) => [call, [] as number[]]));
try {
  for (const call of calls) once(call.argv, call.name);
  for (let round = 0; round < rounds; round += 1)
    for (const call of calls) times.get(call)!.push(once(call.argv, call.name));
} finally {
  rmSync(place, { recursive: true });
}

const unit = median(times.get(bare)!);
for (const call of calls) {
  if (call === bare) continue;
  const measured = median(times.get(call)!);
  finding({
    what: call.name,
    measured: `${(measured / unit).toFixed(2)} ×  (${measured.toFixed(1)} ms)`,
    against: `node -e 0 (${unit.toFixed(1)} ms)`,
    ...(call.goal ? { goal: `<= ${call.goal} ×` } : {}),
  });
}

/** @returns milliseconds from spawn to exit */
function once(argv: string[], name: string): number {
  rmSync(join(place, 'run'), { recursive: true, force: true });
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, argv, { env, encoding: 'utf8' });
  const took = performance.now() - begin;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return took;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
