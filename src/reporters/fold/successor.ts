import { formatDuration } from '../../model/duration.ts';
import type { Effect } from '../../model/fault.ts';

/** The process that took the place of the one that an injection ended. */
export interface Successor {
  pid?: number;
  readyAfterMs: number;
}

/** A dead pid alone does not tell what killing it did: adds when its successor was ready. */
export function withSuccessor(effect: Effect, successor: Successor | undefined): Effect {
  if (!successor) return effect;
  const { pid, readyAfterMs } = successor;
  const who = pid === undefined ? 'its successor' : `its successor (pid ${pid})`;
  return {
    ...effect,
    summary: `${effect.summary}; ${who} was ready after ${formatDuration(readyAfterMs)}`,
    figures: {
      ...effect.figures,
      ...(pid === undefined ? {} : { successorPid: pid }),
      successorReadyAfterMs: readyAfterMs,
    },
  };
}
