/** East Asian wide and fullwidth characters and emoji: two columns. */
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const widthless = /\p{Mark}|\u200d/u;
const onlyNarrow = /^[\u0020-\u02ff\u2010-\u22ff\u2500-\u25ff]*$/;

/** Columns that clean text takes in a terminal. */
export function widthOf(text: string): number {
  if (onlyNarrow.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** Shortens clean text to so many columns; a cut shows as `…`. */
export function shorten(text: string, columns: number): string {
  if (text.length <= columns && onlyNarrow.test(text)) return text;
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let left = columns - 1;
  for (const character of text) {
    left -= widthOfCharacter(character);
    if (left < 0) break;
    kept += character;
  }
  return columns < 1 ? '' : `${kept.trimEnd()}…`;
}

/** Fills clean text up with blanks, or shortens it, to exactly so many columns. */
export function pad(text: string, columns: number): string {
  const fitted = shorten(text, columns);
  return fitted + ' '.repeat(Math.max(0, columns - widthOf(fitted)));
}

/** Breaks clean text into lines of at most so many columns, at blanks where it can. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((word) => pieces(word, columns))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** A word in parts that fit. */
function pieces(word: string, columns: number): string[] {
  if (widthOf(word) <= columns) return [word];
  const parts: string[] = [];
  let part = '';
  let width = 0;
  for (const character of word) {
    const more = widthOfCharacter(character);
    if (width + more > columns && part !== '') {
      parts.push(part);
      part = '';
      width = 0;
    }
    part += character;
    width += more;
  }
  return [...parts, part];
}

function widthOfCharacter(character: string): number {
  if (widthless.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
