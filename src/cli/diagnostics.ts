import type { Paint } from '../parser/diagnostics/render.ts';

const codes = { place: '1', error: '31', hint: '36', quiet: '2' } as const;

/** How the parts of a diagnostic are coloured. Plain escapes: a library would cost more than `validate` itself. */
export const paintDiagnostics = (color: boolean): Paint =>
  color ? (part, text) => `\x1b[${codes[part]}m${text}\x1b[0m` : (_, text) => text;
