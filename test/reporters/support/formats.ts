import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the schemas of other tools lie: `CHAOS_REPORT_FORMATS`, or beside the checkout. */
const folder = process.env.CHAOS_REPORT_FORMATS ?? resolve(import.meta.dirname, '../../../../shared/report-formats');

export const formatSchema = (name: string): string => join(folder, name);

/** What is missing of the schemas of other tools, or `undefined`. */
export const lackingFormats = (): string | undefined =>
  existsSync(folder) ? undefined : `the schemas are missing: set CHAOS_REPORT_FORMATS, or put them into ${folder}`;
