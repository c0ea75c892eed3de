import { resolve } from 'node:path';
import { runCommand } from '../../host/run-command.ts';
import { commandFailure } from '../../model/command.ts';
import type { PlannedAction } from '../../model/plan.ts';
import type { Context } from '../context.ts';
import type { StepResult } from './result.ts';

/** Runs the author's program and holds its exit code, and what it printed, against what was expected. */
export async function run(
  { command, expect }: Extract<PlannedAction, { kind: 'run' }>,
  { run }: Context,
  signal: AbortSignal,
): Promise<StepResult> {
  const result = await runCommand({ ...command, cwd: resolve(command.cwd ?? '.') }, { run, signal });
  signal.throwIfAborted();
  const message = commandFailure(result, expect.exitCode) ?? outputFailure(result.stdout.text, expect.stdout);
  return message === undefined ? { outcome: 'passed', result } : { outcome: 'failed', message, result };
}

const outputFailure = (stdout: string, expected: string | undefined): string | undefined =>
  expected === undefined || stdout.includes(expected)
    ? undefined
    : `its output does not contain ${JSON.stringify(expected)}`;
