import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../model/diagnostic.ts';
import { exitCodes } from '../../model/exit-code.ts';
import type { Report } from '../../model/report.ts';
import { paintFor } from '../../reporters/console/paint.ts';
import { historyOf } from '../../reporters/history/history.ts';
import { historyAsMarkdown, historyLines } from '../../reporters/history/text.ts';
import { plural } from '../../text/plural.ts';
import { runsFolder } from '../find-log.ts';
import type { Io } from '../io.ts';
import { readReport, readRun } from '../read-run.ts';

export interface HistoryOptions {
  format: 'text' | 'json' | 'markdown';
  /** Only runs of the scenario with this name. */
  scenario?: string;
  last: number;
}

/**
 * Lists the runs in a folder, the latest last.
 * @throws UserError when there is no such folder
 */
export async function history(folder: string, { format, scenario, last }: HistoryOptions, io: Io): Promise<number> {
  const reports: Report[] = [];
  let others = 0;
  for (const name of await namesIn(folder)) {
    const report = await reportIn(join(folder, name));
    if (!report) others += 1;
    else if (scenario === undefined || report.scenario.name === scenario) reports.push(report);
  }
  if (others > 0) io.stderr.write(`Passed over ${plural(others, 'folder')} that no run can be read from.\n`);
  const past = historyOf(reports, last);
  if (format === 'json') io.stdout.write(`${JSON.stringify(past, null, 2)}\n`);
  else if (format === 'markdown') io.stdout.write(historyAsMarkdown(past));
  else if (past.runs.length === 0) io.stdout.write(`There is no run${inWords(scenario)} in ${folder}.\n`);
  else io.stdout.write(`${historyLines(past, io.columns, paintFor(io.color)).join('\n')}\n`);
  return exitCodes.passed;
}

const inWords = (scenario: string | undefined): string => (scenario === undefined ? '' : ` of "${scenario}"`);

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && folder === runsFolder) return [];
    throw new UserError([
      { severity: 'error', code: 'unknown-run', file: folder, message: `it is no folder of runs: ${message}` },
    ]);
  }
}

/** What it told when it ended; of one that died, or of another version, what its events tell. */
async function reportIn(folder: string): Promise<Report | undefined> {
  try {
    return await readReport(join(folder, 'report.json')).catch(async () => (await readRun(folder)).report);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
