import { spawnSync } from 'node:child_process';
import { formatSchema, lackingFormats } from './formats.ts';

/** Debian's libxml2-utils. */
const validator = 'xmllint';

/** What this machine lacks to validate XML, or `undefined`. */
export function lackingForXsd(): string | undefined {
  if (spawnSync(validator, ['--version']).error) return `${validator} is missing: install libxml2-utils`;
  return lackingFormats();
}

/** @returns what is wrong, empty when nothing is */
export function xsdErrors(schema: string, xml: string): string {
  const { status, stderr, error } = spawnSync(validator, ['--noout', '--schema', formatSchema(schema), '-'], {
    input: xml,
    encoding: 'utf8',
  });
  if (error) throw error;
  return status === 0 ? '' : stderr;
}
