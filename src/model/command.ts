import type { Duration } from './duration.ts';

/** A program to run: argv, never a shell string. Paths are relative to the directory `chaos` was called in. */
export interface Command {
  argv: string[];
  /** Working directory; by default the one `chaos` was called in. */
  cwd?: string;
  /** Added to the environment that `chaos` was called with. */
  env?: Record<string, string>;
  /** After it the process group is ended: TERM, then KILL. */
  timeout: Duration;
}

/** What became of a command. Output is capped; `truncatedBytes` says how much was dropped. */
export interface CommandResult {
  argv: string[];
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  /** Set when the program could not be started at all. */
  startError?: string;
  stdout: CapturedOutput;
  stderr: CapturedOutput;
  durationMs: number;
}

/** The beginning and the end of what a process printed, within a cap. */
export interface CapturedOutput {
  text: string;
  truncatedBytes: number;
}
