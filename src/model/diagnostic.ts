import type { Place } from './place.ts';

/**
 * One mistake, in one place. `message` says what was found; `hint` says what was meant or is allowed
 * and stands under the squiggle.
 */
export interface Diagnostic {
  severity: 'error' | 'warning';
  /** Stable, for machines: `unknown-key`, `wrong-type`, `unknown-target`, … */
  code: string;
  message: string;
  hint?: string;
  file: string;
  /** Absent when the whole file is meant (missing, a directory, too large). */
  place?: Place;
  related?: { message: string; place: Place }[];
}

/** What the user wrote or asked for is wrong: exit 2, diagnostics, no stack trace. Nothing was touched. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly diagnostics: Diagnostic[];
  /** The text of each file that is known, so that a mistake can be shown in its line. */
  readonly sources: ReadonlyMap<string, string>;

  constructor(diagnostics: Diagnostic[], sources: ReadonlyMap<string, string> = new Map()) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
    this.diagnostics = diagnostics;
    this.sources = sources;
  }
}
