import type { Verdict } from './report.ts';

/** What `chaos` answers to the shell. A contract: scripts depend on it. */
export const exitCodes = {
  passed: 0,
  failed: 1,
  usage: 2,
  aborted: 3,
  inconclusive: 4,
  leftBehind: 5,
  defect: 70,
} as const;

/** The exit code of a run. What was left behind outranks every verdict. */
export function exitCodeOf(verdict: Verdict, leftBehind: boolean): number {
  if (leftBehind) return exitCodes.leftBehind;
  return verdict === 'error' ? exitCodes.defect : exitCodes[verdict];
}
