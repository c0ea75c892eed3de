import type { Place } from '../../model/place.ts';

/** One promise of the game day, as a test case. */
export interface Case {
  name: string;
  /** What part of the run it belongs to. */
  phase: string;
  /** When it began, where that is known. */
  startMs?: number;
  durationMs: number;
  /** Where its author asked for it. */
  place?: Place;
  result: Result;
  /** What a program of the step printed. */
  stdout?: string;
  stderr?: string;
}

/**
 * `failure`: a promise was seen broken. `error`: it could not be done, or not be observed; it must not look green.
 * `skipped`: it was never its turn.
 */
export type Result =
  | { is: 'passed' }
  | { is: 'failure' | 'error'; kind: string; message: string; details: string[] }
  | { is: 'skipped'; message: string };

export const passed: Result = { is: 'passed' };
