import { type CommandResult, commandFailure } from '../../model/command.ts';
import type { Effect } from '../../model/fault.ts';

/**
 * What the author's programs say of their harm.
 * @param results of `inject`, then of `observe` when there is one
 */
export function commandEffect([injected, observed]: CommandResult[], hasObserver: boolean): Effect {
  const figures = {
    injectExitCode: injected?.exitCode ?? null,
    ...(hasObserver ? { observeExitCode: observed?.exitCode ?? null } : {}),
  };
  const unseen = (summary: string): Effect => ({ seen: 'unseen', summary, figures });
  if (!injected) return unseen('inject was not run');
  const failure = commandFailure(injected);
  if (failure !== undefined) return unseen(failure);
  if (!hasObserver) return { seen: 'seen', summary: `${injected.argv[0]} exited with 0`, figures };
  if (!observed) return unseen('observe was not run');
  const blindness = commandFailure(observed);
  if (blindness !== undefined) return unseen(`not observed: ${blindness}`);
  return { seen: 'seen', summary: `observed by ${observed.argv[0]}`, figures };
}

/** @returns why the harm is not known to be gone, or `undefined`: the author's `undo`, if there is one, exited with 0 */
export function whyNotUndone(results: CommandResult[], hasUndo: boolean): string | undefined {
  const undone = results.at(-1);
  return hasUndo && undone ? commandFailure(undone) : undefined;
}
