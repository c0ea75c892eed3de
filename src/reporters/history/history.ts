import type { Report, Verdict } from '../../model/report.ts';

/** One run of many, in short. Times in milliseconds, shares 0..1; `null` where nothing was measured. */
export interface PastRun {
  run: string;
  scenario: string;
  startedAt: string;
  durationMs: number;
  verdict: Verdict;
  /** The first reason, unless it passed. */
  reason?: string;
  isSham: boolean;
  availability: number | null;
  outages: number;
  meanTimeToRecoverMs: number | null;
  consistency: number | null;
}

/** Runs in the order of time. */
export interface History {
  format: 'chaos-history/1';
  runs: PastRun[];
  /** How many of them came to what. */
  verdicts: Partial<Record<Verdict, number>>;
}

/** @param last how many of the latest are kept */
export function historyOf(reports: Report[], last: number): History {
  const runs = reports
    .map(inShort)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt) || a.run.localeCompare(b.run))
    .slice(-last);
  const verdicts: History['verdicts'] = {};
  for (const { verdict } of runs) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  return { format: 'chaos-history/1', runs, verdicts };
}

const inShort = ({ run, scenario, startedAt, durationMs, verdict, reasons, isSham, summary }: Report): PastRun => ({
  run,
  scenario: scenario.name,
  startedAt,
  durationMs,
  verdict,
  ...(reasons[0] === undefined ? {} : { reason: reasons[0] }),
  isSham,
  availability: summary.availability,
  outages: summary.failuresDetected,
  meanTimeToRecoverMs: summary.meanTimeToRecoverMs,
  consistency: summary.consistency,
});
