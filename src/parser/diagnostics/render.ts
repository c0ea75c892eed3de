import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Place } from '../../model/place.ts';

/** How parts are coloured; without one nothing is. */
export type Paint = (part: 'place' | 'error' | 'hint' | 'quiet', text: string) => string;

const mostShown = 50;
const windowColumns = 100;
const plain: Paint = (_, text) => text;

/**
 * Every mistake with its line, what is wrong and what was meant.
 * @param sources the text of each file; what is not in it is told without its line
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  paint: Paint = plain,
): string {
  const shown = diagnostics.slice(0, mostShown).map((one) => renderOne(one, sources.get(one.file), paint));
  const left = diagnostics.length - shown.length;
  return `${shown.join('\n')}${left > 0 ? `\n… and ${left} more\n` : ''}`;
}

function renderOne(
  { file, place, message, hint, related = [], severity }: Diagnostic,
  source: string | undefined,
  paint: Paint,
): string {
  const where = place ? `${file}:${place.line}:${place.column}` : file;
  const kind = severity === 'warning' ? 'warning: ' : '';
  const lines = [`${paint('place', visible(where))}  ${kind}${paint('error', visible(message))}`];
  if (place && source !== undefined) lines.push('', ...excerpt(place, source, hint, paint));
  else if (hint !== undefined) lines.push(`  ${paint('hint', visible(hint))}`);
  for (const { message: note, place: there } of related) {
    lines.push(`${paint('place', visible(`${file}:${there.line}:${there.column}`))}  ${visible(note)}`);
    if (source !== undefined) lines.push('', ...excerpt(there, source, undefined, paint));
  }
  return `${lines.join('\n')}\n`;
}

/** The line, the one before it, and a squiggle under what is meant. */
function excerpt({ line, column, length }: Place, source: string, hint: string | undefined, paint: Paint): string[] {
  const all = source.split(/\r?\n/);
  const width = String(line).length + 3;
  const numbered = (number: number, text: string) => `${paint('quiet', `${String(number).padStart(width)} │`)} ${text}`;
  const text = all[line - 1] ?? '';
  const from = Math.max(0, column - 1 - windowColumns / 2);
  const cut = (one: string) =>
    one.length > windowColumns + from || from > 0
      ? `${from > 0 ? '…' : ''}${visible(one.slice(from, from + windowColumns))}${one.length > from + windowColumns ? '…' : ''}`
      : visible(one);
  const before = (from > 0 ? 1 : 0) + widthOf(visible(text.slice(from, column - 1)));
  const marked = Math.max(
    1,
    widthOf(visible(text.slice(column - 1, Math.min(column - 1 + length, from + windowColumns)))),
  );
  const squiggle = `${' '.repeat(before)}${paint('error', '~'.repeat(marked))}${hint === undefined ? '' : ` ${paint('hint', visible(hint))}`}`;
  return [
    ...(line > 1 ? [numbered(line - 1, from > 0 ? '' : cut(all[line - 2]!))] : []),
    numbered(line, cut(text)),
    `${paint('quiet', `${' '.repeat(width)} │`)} ${squiggle}`,
  ];
}

/** Nothing of what an author wrote reaches the terminal as an escape, or turns the direction of the line around. */
function visible(text: string): string {
  return text
    .replaceAll('\t', '    ')
    .replace(
      /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/gu,
      (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
    );
}

/** Columns that a text takes on a terminal: East Asian characters and emoji take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text))
    width +=
      /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
        segment,
      )
        ? 2
        : 1;
  return width;
}
