import { exitCodes } from '../../model/exit-code.ts';
import { compare as compareReports } from '../../reporters/compare/compare.ts';
import { comparisonLines } from '../../reporters/compare/text.ts';
import { paintFor } from '../../reporters/console/paint.ts';
import { readEventLog } from '../../reporters/read-event-log.ts';
import { findLog } from '../find-log.ts';
import type { Io } from '../io.ts';

/**
 * Puts the figures of two runs side by side.
 * @returns 1 when a figure got worse and `failOnRegression` asks for it, else 0
 * @throws UserError when one of them is no run
 */
export async function compare(
  before: string,
  after: string,
  { format, failOnRegression }: { format: 'text' | 'json'; failOnRegression: boolean },
  io: Io,
): Promise<number> {
  const logs = [await findLog(before), await findLog(after)] as const;
  const first = await readEventLog(logs[0]);
  const second = await readEventLog(logs[1]);
  const comparison = compareReports(first.told.report, second.told.report);
  io.stdout.write(
    format === 'json'
      ? `${JSON.stringify(comparison, null, 2)}\n`
      : `${comparisonLines(comparison, io.columns, paintFor(io.color)).join('\n')}\n`,
  );
  return failOnRegression && comparison.worse > 0 ? exitCodes.failed : exitCodes.passed;
}
