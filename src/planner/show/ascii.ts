/** The same picture, column for column, for a terminal that shows nothing but ASCII. */
export const toAscii = (text: string): string =>
  [...text].map((character) => (Object.hasOwn(ascii, character) ? ascii[character] : character)).join('');

const ascii: Record<string, string> = { '█': '#', '░': '.', '◆': '*', '…': '>', '≤': '<' };
