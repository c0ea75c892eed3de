import { exitCodes } from '../../model/exit-code.ts';
import type { ReportFormat } from '../../model/report-format.ts';
import { paintFor } from '../../reporters/console/paint.ts';
import { summaryLines } from '../../reporters/console/summary.ts';
import { type ReadRun, readEventLog } from '../../reporters/read-event-log.ts';
import { formatReport } from '../../reporters/write.ts';
import { findLog, logName } from '../find-log.ts';
import type { Io } from '../io.ts';

/**
 * Prints the report of a run, made anew from its events: the same for a run that ended, one that died, and one that
 * still goes on.
 * @throws UserError when there is no such run
 */
export async function report(run: string, options: { format: 'text' | ReportFormat }, io: Io): Promise<number> {
  const read = await readEventLog(await findLog(run));
  for (const note of notesOn(read)) io.stderr.write(`${note}\n`);
  io.stdout.write(
    options.format === 'text'
      ? `${summaryLines(read.told.report, [], io.columns, paintFor(io.color)).join('\n')}\n`
      : await formatReport(read.told, options.format),
  );
  return exitCodes.passed;
}

function notesOn({ ended, pid, tornLines }: ReadRun): string[] {
  return [
    ...(!ended && isAlive(pid) ? [`This run may still be going on: there is a process ${pid}.`] : []),
    ...(tornLines > 0 ? [`Passed over ${tornLines} torn ${tornLines === 1 ? 'line' : 'lines'} of ${logName}.`] : []),
  ];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
