import { exitCodes } from '../../model/exit-code.ts';
import { compare as compareReports } from '../../reporters/compare/compare.ts';
import { comparisonAsMarkdown } from '../../reporters/compare/markdown.ts';
import { comparisonLines } from '../../reporters/compare/text.ts';
import { paintFor } from '../../reporters/console/paint.ts';
import type { Io } from '../io.ts';
import { readRun } from '../read-run.ts';

export type CompareFormat = 'text' | 'json' | 'markdown';

/**
 * Puts the figures of two runs side by side.
 * @returns 1 when a figure got worse and `failOnRegression` asks for it, else 0
 * @throws UserError when one of them is no run
 */
export async function compare(
  before: string,
  after: string,
  { format, failOnRegression }: { format: CompareFormat; failOnRegression: boolean },
  io: Io,
): Promise<number> {
  const [first, second] = [await readRun(before), await readRun(after)];
  const comparison = compareReports(first.report, second.report, second.latencies);
  if (format === 'json') io.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
  else if (format === 'markdown') io.stdout.write(comparisonAsMarkdown(comparison));
  else io.stdout.write(`${comparisonLines(comparison, io.columns, paintFor(io.color)).join('\n')}\n`);
  return failOnRegression && comparison.worse > 0 ? exitCodes.failed : exitCodes.passed;
}
