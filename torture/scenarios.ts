/*
 * `npm run torture -- scenarios [--inputs 1000000 --seed 7]`: scenario files that were spoilt, in their tree and byte by
 * byte, go through all that happens before anything is touched. Each is valid or refused with words; none may crash us,
 * hang, or speak to a terminal. Ends with 1 when one did.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import fc from 'fast-check';
import type { Judged } from './scenarios/judge.ts';
import { mutants, seeds } from './scenarios/mutants.ts';

const { values } = parseArgs({ options: { inputs: { type: 'string' }, seed: { type: 'string' } } });
const inputs = Number(values.inputs ?? 10_000);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
/** Longer than anything may take. */
const patienceMs = 10_000;
const batch = 1000;

const program = await judgeProgram();
const found: { message: string; text: string }[] = [];
const counts = { valid: 0, refused: 0, wrong: 0, hung: 0 };
let slowestMs = 0;
let rejections = 0;
process.on('unhandledRejection', () => {
  rejections += 1;
});

const texts = seeds(process.cwd());
console.log(`${inputs} inputs made of ${texts.length} scenarios, seed ${seed}`);
let worker = start();
for (let done = 0; done < inputs; done += batch) {
  const numRuns = Math.min(batch, inputs - done);
  for (const text of fc.sample(mutants(texts), { numRuns, seed: seed + done })) await one(text);
}
await worker.terminate();

const crashes = counts.wrong + counts.hung;
console.log(
  `inputs ${inputs}, valid ${counts.valid}, refused ${counts.refused}, crashes ${crashes}, unhandled rejections ${rejections}, slowest ${slowestMs.toFixed(0)} ms`,
);
for (const { message, text } of found.slice(0, 10)) console.log(`\n${message}\n${JSON.stringify(text)}`);
process.exit(crashes + rejections > 0 ? 1 : 0);

async function one(text: string): Promise<void> {
  const judged = await judgedBy(text);
  if (!judged) {
    counts.hung += 1;
    found.push({ message: `no answer within ${patienceMs} ms`, text });
    await worker.terminate();
    worker = start();
    return;
  }
  counts[judged.outcome] += 1;
  slowestMs = Math.max(slowestMs, judged.ms);
  if (judged.message !== undefined) found.push({ message: judged.message, text });
}

function judgedBy(text: string): Promise<Judged | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), patienceMs);
    worker.once('message', (judged: Judged) => {
      clearTimeout(timer);
      resolve(judged);
    });
    worker.postMessage(text);
  });
}

function start(): Worker {
  const one = new Worker(program, { eval: true });
  one.on('error', (error) => found.push({ message: `the worker died: ${error.message}`, text: '' }));
  return one;
}

async function judgeProgram(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['torture/scenarios/judge.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}
