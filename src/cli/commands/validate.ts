import { type Diagnostic, UserError } from '../../model/diagnostic.ts';
import { exitCodes } from '../../model/exit-code.ts';
import type { Scenario } from '../../model/scenario.ts';
import { githubAnnotation } from '../../parser/diagnostics/github.ts';
import { renderDiagnostics } from '../../parser/diagnostics/render.ts';
import { parseScenario } from '../../parser/parse.ts';
import { readSource } from '../../parser/read.ts';
import { compilePlan } from '../../planner/compile.ts';
import { paintDiagnostics } from '../diagnostics.ts';
import type { Io } from '../io.ts';
import type { Settings } from '../options.ts';

interface Judged {
  file: string;
  text?: string;
  scenario?: Scenario;
  diagnostics: Diagnostic[];
}

/**
 * Judges each file by itself, without its environment.
 * @returns 0 when all are valid, else 2
 */
export async function validate(
  files: string[],
  { format, set }: { format: 'text' | 'json' | 'github'; set?: Settings },
  io: Io,
): Promise<number> {
  const judged = files.map((file) => judge(file, set));
  const all = judged.flatMap(({ diagnostics }) => diagnostics);
  if (format === 'json') io.stdout.write(`${JSON.stringify(judged.map(asJson), null, 2)}\n`);
  else if (format === 'github') io.stdout.write(all.map((one) => `${githubAnnotation(one)}\n`).join(''));
  else showText(judged, io);
  return all.some(({ severity }) => severity === 'error') ? exitCodes.usage : exitCodes.passed;
}

function judge(file: string, set: Settings | undefined): Judged {
  let text: string;
  try {
    text = readSource(file);
  } catch (error) {
    if (error instanceof UserError) return { file, diagnostics: error.diagnostics };
    throw error;
  }
  const { scenario, diagnostics, missing } = parseScenario(text, { file, ...(set ? { set } : {}) });
  if (!scenario) return { file, text, diagnostics };
  // What depends on a value that is not known yet is not compiled: its blast radius, say, is not known either.
  const compiled = missing.length === 0 ? compilePlan(scenario, { seed: 0 }).diagnostics : [];
  return { file, text, scenario, diagnostics: [...diagnostics, ...compiled] };
}

function showText(judged: Judged[], io: Io): void {
  const paint = paintDiagnostics(io.color);
  for (const { file, text, scenario, diagnostics } of judged) {
    const sources = new Map(text === undefined ? [] : [[file, text]]);
    if (diagnostics.length > 0) io.stderr.write(renderDiagnostics(diagnostics, sources, paint));
    if (scenario && diagnostics.every(({ severity }) => severity !== 'error'))
      io.stdout.write(`${file}  valid: ${contentsOf(scenario)}\n`);
  }
}

const contentsOf = ({ targets, steadyState, timeline }: Scenario): string =>
  [counted(targets.length, 'target'), counted(steadyState.length, 'probe'), counted(timeline.length, 'step')].join(
    ', ',
  );

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const asJson = ({ file, diagnostics }: Judged) => ({
  file,
  valid: diagnostics.every(({ severity }) => severity !== 'error'),
  diagnostics,
});
