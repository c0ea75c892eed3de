import type { CommandResult } from '../../model/command.ts';
import type { Outcome, Sample } from '../../model/event.ts';

/** What a step came to. */
export interface StepResult {
  outcome: Outcome;
  message?: string;
  result?: CommandResult;
  /** The last answers, when a probe decided. */
  lastSamples?: Record<string, Sample[]>;
  /** When it was over by plan; without it, its end is when it came. Keeps delays from adding up. */
  endedMs?: number;
}
