/*
 * What a JSONPath (RFC 9535) looks like, as far as a regular expression can say: it begins with $, its brackets and
 * quotes close, and its short names are names (with hyphens, which the RFC does not have but everybody writes). The rest is
 * found when the probe is opened.
 */
const quoted = `'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"`;
const inBrackets = (nested: string): string => `\\[(?:[^\\[\\]'"]|${quoted}${nested})+\\]`;
const brackets = inBrackets(`|${inBrackets(`|${inBrackets('')}`)}`);
const name = '[A-Za-z_\\u0080-\\uffff][A-Za-z0-9_\\-\\u0080-\\uffff]*';

export const jsonPathPattern = `^\\$(?:\\s*(?:\\.\\.?(?:\\*|${name})|(?:\\.\\.)?${brackets}))*$`;
