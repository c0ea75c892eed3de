/** CSI and OSC sequences and the other escapes of ECMA-48, with either introducer. */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this removes
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this removes
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** They turn text around or hide in it: what is shown would not be what is there. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u061c]/g;
const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** One line that a terminal shows as it is: what others wrote cannot move the cursor, colour or reorder anything. */
export function oneLine(text: string): string {
  return text
    .replace(escapes, '')
    .replace(controls, ' ')
    .replace(invisible, '')
    .replace(loneSurrogates, '\ufffd')
    .trim();
}

/** The same for text of several lines: line ends and tabs stay. */
export function severalLines(text: string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map((line) =>
      line
        .split('\t')
        .map((part) =>
          part.replace(escapes, '').replace(controls, '').replace(invisible, '').replace(loneSurrogates, '\ufffd'),
        )
        .join('\t'),
    )
    .join('\n');
}
