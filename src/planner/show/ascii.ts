/** The same picture, column for column, for a terminal that shows nothing but ASCII. */
export const toAscii = (text: string): string => text.replace(/[█░◆…≤]/g, (glyph) => ascii[glyph]!);

const ascii: Record<string, string> = { '█': '#', '░': '.', '◆': '*', '…': '>', '≤': '<' };
