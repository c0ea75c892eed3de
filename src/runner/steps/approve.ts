import { formatDuration } from '../../model/duration.ts';
import type { Context } from '../context.ts';
import type { StepResult } from './result.ts';

/** Puts a question to a person. Without a yes the run ends. */
export async function approve(
  about: { id: string; question: string; within: number },
  { approvals, abort }: Pick<Context, 'approvals' | 'abort'>,
  signal: AbortSignal,
): Promise<StepResult> {
  const answer = await approvals.ask(about, signal);
  if (answer?.approved) return { outcome: 'passed', message: `approved by ${answer.by}` };
  const message = answer
    ? `${about.id} was refused by ${answer.by}: ${about.question}`
    : `nobody approved ${about.id} within ${formatDuration(about.within)}: ${about.question}`;
  abort(message);
  return { outcome: 'skipped', message };
}
