import { readFile, stat } from 'node:fs/promises';
import { type Diagnostic, UserError } from '../model/diagnostic.ts';
import type { Report } from '../model/report.ts';
import type { Latencies } from '../reporters/fold.ts';
import { readEventLog } from '../reporters/read-event-log.ts';
import { findLog } from './find-log.ts';

/** Larger than any report of ours, smaller than what would fill the memory. */
const mostBytes = 64 * 1024 * 1024;

/**
 * What a run came to: from its events, or from the `report.json` that somebody kept of it, which knows no single answer.
 * @param run its folder, its id under `.chaos/runs`, or the file of its report
 * @throws UserError when it is none of these
 */
export async function readRun(run: string): Promise<{ report: Report; latencies?: Latencies }> {
  if (run.endsWith('.json')) return { report: await readReport(run) };
  const { told, latencies } = await readEventLog(await findLog(run));
  return { report: told.report, latencies };
}

/**
 * A `report.json`, as its schema describes it.
 * @throws UserError when there is none, or when it is not one
 */
export async function readReport(file: string): Promise<Report> {
  const value = parse(await textOf(file), file);
  // What compiles it is loaded by whoever needs it: no start of ours does.
  const { isReport } = await import('./is-report.ts');
  if (isReport(value)) return value;
  const [first] = isReport.errors!;
  throw refusal(
    file,
    `it is no report.json of this version of chaos: ${[first!.instancePath, first!.message].filter(Boolean).join(' ')}`,
  );
}

async function textOf(file: string): Promise<string> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw refusal(file, 'it is no file');
    if (found.size > mostBytes) throw refusal(file, 'it is too large for a report');
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw refusal(file, `it cannot be read: ${(error as Error).message}`);
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal(file, `it is no JSON: ${(error as Error).message}`);
  }
}

const refusal = (file: string, message: string): UserError =>
  new UserError([{ severity: 'error', code: 'not-a-run', file, message } satisfies Diagnostic]);
