const longest = 300;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this replaces
const unseemly = /[\s\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g;
const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** One line of at most 300 characters without anything that controls a terminal or turns text around: others wrote it. */
export function oneLine(text: string): string {
  // Cut first, so that an answer of 1 MiB costs no more than a short one.
  const line = text
    .slice(0, 4 * longest)
    .replace(unseemly, ' ')
    .trim();
  const short = line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
  return short.replace(loneSurrogates, '\ufffd');
}
