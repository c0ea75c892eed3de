import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../host/make-folder.ts';
import { UserError } from '../model/diagnostic.ts';
import { type ReportFormat, reportFiles, reportFormats } from '../model/report-format.ts';
import type { ToldRun } from './run-fold.ts';

/** These lie in every run folder. */
const always: ReportFormat[] = ['json', 'junit', 'html'];

/** A report asked for by `--report FORMAT[=FILE]`: in the run folder, or as the file. */
export interface ReportRequest {
  format: ReportFormat;
  file?: string;
}

/** @throws UserError when the text names no format, or a file without a name */
export function parseReportRequest(text: string): ReportRequest {
  const equals = text.indexOf('=');
  const format = equals < 0 ? text : text.slice(0, equals);
  const file = equals < 0 ? undefined : text.slice(equals + 1);
  if (!Object.hasOwn(reportFiles, format))
    throw refusal(
      `"${format}" is no format of a report: write ${listed(reportFormats)}, as in --report junit=out/junit.xml`,
    );
  if (file === '')
    throw refusal(`--report ${text} names no file: write --report ${format}=FILE, or --report ${format}`);
  return { format: format as ReportFormat, ...(file === undefined ? {} : { file }) };
}

export interface WrittenReports {
  files: string[];
  /** A report that cannot be written changes no verdict, but must be told. */
  failures: { file: string; message: string }[];
}

/** Writes what lies in every run folder, and what was asked for. Whoever reads a file meanwhile sees a whole one. */
export async function writeReports(
  told: ToldRun,
  directory: string,
  requests: ReportRequest[] = [],
): Promise<WrittenReports> {
  const wanted = new Map<string, ReportFormat>();
  for (const format of always) wanted.set(join(directory, reportFiles[format]), format);
  for (const { format, file } of requests) wanted.set(file ?? join(directory, reportFiles[format]), format);
  const written: WrittenReports = { files: [], failures: [] };
  for (const [file, format] of wanted) {
    try {
      await writeWhole(file, await formatReport(told, format));
      written.files.push(file);
    } catch (error) {
      written.failures.push({ file, message: (error as Error).message });
    }
  }
  return written;
}

/** The writers are loaded when they are needed. */
export async function formatReport(told: ToldRun, format: ReportFormat): Promise<string> {
  switch (format) {
    case 'json':
      return (await import('./json.ts')).reportAsJson(told.report);
    case 'junit':
      return (await import('./junit/write.ts')).reportAsJunit(told.report);
    case 'html':
      return (await import('./html/write.ts')).reportAsHtml(told);
    case 'ctrf':
      return (await import('./ctrf/write.ts')).reportAsCtrf(told.report);
    case 'markdown':
      return (await import('./markdown/write.ts')).reportAsMarkdown(told.report);
    case 'openmetrics':
      return (await import('./openmetrics/write.ts')).reportAsOpenMetrics(told.report);
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}.tmp`;
  makeFolder(dirname(file));
  try {
    await writeFile(aside, text);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** `a, b or c`. */
const listed = (names: string[]): string => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

const refusal = (message: string): UserError =>
  new UserError([{ severity: 'error', code: 'report-format', file: '--report', message }]);
