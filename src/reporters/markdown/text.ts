import { oneLine } from '../../text/clean.ts';
import { shorten } from '../../text/width.ts';

const mostColumns = 400;

/**
 * Text that Markdown shows as it is: no markup, no cell, no link, and on GitHub nobody is mentioned, no issue named and no
 * mathematics set. What GitHub finds in the text itself, after all markup, is broken by a space without width.
 */
export function text(value: string, most = mostColumns): string {
  return (
    shorten(oneLine(value), most)
      .replace(/[&<>$#]/g, (character) => entities[character]!)
      .replace(/[\\`*_~|[\]]/g, '\\$&')
      .replace(/(@|&#35;)(?=[^\s;])/g, `$1${unseen}`)
      .replace(/:\/\//g, `:${unseen}//`)
      .replace(/\bwww\./gi, (www) => `${www.slice(0, -1)}${unseen}.`)
      // The beginning of a line may make a list or a rule of it.
      .replace(/^[-+=]/, (character) => `&#${character.charCodeAt(0)};`)
      .replace(/^(\d+)([.)])(?=\s|$)/, (_, number, end: string) => `${number}&#${end.charCodeAt(0)};`)
  );
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', $: '&#36;', '#': '&#35;' };
const unseen = '&#8203;';

/** A span of code; `|` is what ends a cell even there. */
export function code(value: string): string {
  const plain = oneLine(value);
  if (plain === '') return '';
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  if (/[|\\]/.test(plain)) return `<code>${text(plain, Number.POSITIVE_INFINITY)}</code>`;
  return /^`|`$/.test(plain) ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`;
}

const mostRows = 50;

/** A table of cells that are Markdown already; nothing without rows. */
export function table(heads: string[], rows: string[][]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(heads),
    line(heads.map(() => '---')),
    ...rows.slice(0, mostRows).map(line),
    ...(rows.length > mostRows ? ['', `… and ${rows.length - mostRows} more`] : []),
  ];
}

/** Lines under a heading; nothing without lines. */
export const section = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : ['', `### ${title}`, '', ...lines];

/** Lines that are folded away; nothing without lines. */
export const folded = (summary: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : ['', '<details>', `<summary>${summary}</summary>`, '', ...lines, '', '</details>'];
