import type { RunEvent } from '../../model/event.ts';
import type { Output } from '../../model/output.ts';
import type { Report } from '../../model/report.ts';

/** Shows a run to whoever watches it: a fold over its events. */
export interface ConsoleReporter {
  add(event: RunEvent): void;
  /** Shows what the run came to, and the files that tell more. Must also be called for a run that broke off. */
  finish(report: Report, files: string[]): void;
}

export interface Screen {
  stream: Output;
  /** Whether a person watches: lines may be redrawn. */
  isTTY: boolean;
  columns: number;
  color: boolean;
  ci: boolean;
}
