import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the schemas of other tools lie: `CHAOS_REPORT_FORMATS`, or beside the checkout. */
const folder = process.env.CHAOS_REPORT_FORMATS ?? resolve(import.meta.dirname, '../../../../shared/report-formats');

/** Debian's libxml2-utils. */
const validator = 'xmllint';

/** What this machine lacks to validate XML, or `undefined`. */
export function lackingForXsd(): string | undefined {
  if (spawnSync(validator, ['--version']).error) return `${validator} is missing: install libxml2-utils`;
  if (!existsSync(folder)) return `the schemas are missing: set CHAOS_REPORT_FORMATS, or put them into ${folder}`;
  return undefined;
}

/** @returns what is wrong, empty when nothing is */
export function xsdErrors(schema: string, xml: string): string {
  const { status, stderr, error } = spawnSync(validator, ['--noout', '--schema', join(folder, schema), '-'], {
    input: xml,
    encoding: 'utf8',
  });
  if (error) throw error;
  return status === 0 ? '' : stderr;
}
