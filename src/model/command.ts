import { type Duration, formatDuration } from './duration.ts';

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

/** @returns one line on why a command did not succeed, or `undefined` when it did */
export function commandFailure(result: CommandResult, expectedExitCode = 0): string | undefined {
  const program = result.argv[0]!;
  if (result.startError !== undefined) return result.startError;
  if (result.timedOut)
    return `${program} was ended after ${formatDuration(result.durationMs)}: its time limit was over`;
  if (result.exitCode === expectedExitCode) return undefined;
  const how =
    result.exitCode === null
      ? `was ended by ${result.signal}`
      : `exited with ${result.exitCode}, expected ${expectedExitCode}`;
  const said = lastLine(result.stderr.text) || lastLine(result.stdout.text);
  return `${program} ${how}${said ? `: ${said}` : ''}`;
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)!.slice(0, 300);
