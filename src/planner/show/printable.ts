/**
 * Text of an author as it may be shown on one line of a terminal: what would move the cursor, colour, or turn the
 * direction of writing is shown as its escape (`\u001b`).
 */
export const printable = (text: string): string =>
  text.replaceAll(unprintable, (character) => {
    const short = shortEscapes[character];
    return short ?? `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
  });

/** Controls (C0, DEL, C1), line and paragraph separators, format characters (bidi among them), lone surrogates. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu;

const shortEscapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
