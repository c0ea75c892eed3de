import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../host/make-folder.ts';
import { UserError } from '../model/diagnostic.ts';
import type { Report } from '../model/report.ts';

/** The formats that reports are written in, and what their files in the run folder are called. */
const fileNames = { json: 'report.json', junit: 'junit.xml' } as const;
export type ReportFormat = keyof typeof fileNames;

/** A report asked for by `--report FORMAT[=FILE]`. Every format lies in the run folder anyway; `file` is a further copy. */
export interface ReportRequest {
  format: ReportFormat;
  file?: string;
}

/** @throws UserError when the text names no format, or a file without a name */
export function parseReportRequest(text: string): ReportRequest {
  const equals = text.indexOf('=');
  const format = equals < 0 ? text : text.slice(0, equals);
  const file = equals < 0 ? undefined : text.slice(equals + 1);
  if (!Object.hasOwn(fileNames, format))
    throw refusal(`"${format}" is no format of a report: write json or junit, as in --report junit=out/junit.xml`);
  if (file === '')
    throw refusal(`--report ${text} names no file: write --report ${format}=FILE, or --report ${format}`);
  return { format: format as ReportFormat, ...(file === undefined ? {} : { file }) };
}

export interface WrittenReports {
  files: string[];
  /** A report that cannot be written changes no verdict, but must be told. */
  failures: { file: string; message: string }[];
}

/** Writes every format into the run folder, and the copies that were asked for. Whoever reads a file meanwhile sees a whole one. */
export async function writeReports(
  report: Report,
  directory: string,
  requests: ReportRequest[] = [],
): Promise<WrittenReports> {
  const wanted = new Map<string, ReportFormat>();
  for (const format of Object.keys(fileNames) as ReportFormat[]) wanted.set(join(directory, fileNames[format]), format);
  for (const { format, file } of requests) if (file !== undefined) wanted.set(file, format);
  const written: WrittenReports = { files: [], failures: [] };
  for (const [file, format] of wanted) {
    const text = await formatReport(report, format);
    try {
      await writeWhole(file, text);
      written.files.push(file);
    } catch (error) {
      written.failures.push({ file, message: (error as Error).message });
    }
  }
  return written;
}

/** The writers are loaded when they are needed. */
export async function formatReport(report: Report, format: ReportFormat): Promise<string> {
  switch (format) {
    case 'json':
      return (await import('./json.ts')).reportAsJson(report);
    case 'junit':
      return (await import('./junit/write.ts')).reportAsJunit(report);
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

const refusal = (message: string): UserError =>
  new UserError([{ severity: 'error', code: 'report-format', file: '--report', message }]);
