import { parentPort } from 'node:worker_threads';
import { githubAnnotation } from '../../src/parser/diagnostics/github.ts';
import { renderDiagnostics } from '../../src/parser/diagnostics/render.ts';
import { parseScenario } from '../../src/parser/parse.ts';
import { compilePlan } from '../../src/planner/compile.ts';
import { planCommands } from '../../src/planner/show/commands.ts';
import { planTable } from '../../src/planner/show/table.ts';
import { planTimeline } from '../../src/planner/show/timeline.ts';

/** What became of one input. */
export interface Judged {
  /** `valid`: it could be run. */
  outcome: 'valid' | 'refused' | 'wrong';
  ms: number;
  /** What is wrong with us. */
  message?: string;
}

/** All that a scenario goes through before anything is touched. @throws when it is a defect of ours */
function judge(text: string): 'valid' | 'refused' {
  const { scenario, diagnostics } = parseScenario(text, { file: 'x.yaml' });
  const compiled = scenario ? compilePlan(scenario, { seed: 1 }) : undefined;
  const all = [...diagnostics, ...(compiled?.diagnostics ?? [])];
  if (!compiled?.plan && all.length === 0) throw new Error('refused without a word');
  const shown = renderDiagnostics(all, new Map([['x.yaml', text]]));
  const plan = compiled?.plan;
  const planned = plan ? planTable(plan, 80) + planTimeline(plan, 80) + planCommands(plan) + JSON.stringify(plan) : '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(shown + planned))
    throw new Error('a terminal would be told to do something');
  if (all.map(githubAnnotation).some((line) => /[\n\r]/.test(line))) throw new Error('an annotation of several lines');
  return plan ? 'valid' : 'refused';
}

parentPort?.on('message', (text: string) => {
  const began = performance.now();
  let judged: Omit<Judged, 'ms'>;
  try {
    judged = { outcome: judge(text) };
  } catch (error) {
    judged = { outcome: 'wrong', message: (error as Error).stack ?? String(error) };
  }
  parentPort!.postMessage({ ...judged, ms: performance.now() - began });
});
