import { printable } from './printable.ts';

/** An argv as a person would type it into a shell: for the eye only, nothing is ever run from it. */
export const asTyped = (argv: string[]): string => argv.map(quoted).join(' ');

function quoted(argument: string): string {
  const text = printable(argument);
  if (text !== argument) return `$'${text.replaceAll("'", "\\'")}'`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
