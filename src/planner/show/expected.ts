import type { PlannedStep } from '../../model/plan.ts';
import { formatMoment } from './moment.ts';

/** When a step starts and ends: `5s`; `5s … 15s` when only bounds are known; `5s …` when there is no later one. */
export function expectedTimes({ expected }: PlannedStep): { start: string; end: string } {
  return {
    start: between(expected.earliestStartMs, expected.latestStartMs),
    end: between(expected.earliestEndMs, expected.latestEndMs),
  };
}

function between(earliestMs: number, latestMs: number | null): string {
  if (latestMs === null) return `${formatMoment(earliestMs)} …`;
  if (latestMs === earliestMs) return formatMoment(earliestMs);
  return `${formatMoment(earliestMs)} … ≤${formatMoment(latestMs)}`;
}
