import type { InjectionReport, Outage } from '../../model/report.ts';

type Recovery = InjectionReport['recovery'];

/** Nothing failed, as far as was seen. */
export const notRecovered: Recovery = {
  failedMs: null,
  recoveredMs: null,
  timeToDetectMs: null,
  timeToRecoverMs: null,
  timeToRecoverFromEndMs: null,
  timeToRecoverFromFailureMs: null,
  failedProbes: [],
};

export interface EvidentOutage extends Outage {
  /** From when on it could be seen: a bad answer had come, or a good one was overdue. */
  evidentMs: number;
  lastBadAnswerMs: number;
}

/**
 * Lays outages to injections. An injection answers for what fails from its start until another injection begins after
 * it has ended; while several are in force, each answers. An outage belongs where it became evident: the question
 * may have been asked a moment before the harm. One that goes on from before belongs to both.
 *
 * Recovered is the end of the last of these outages: when every probe that failed was healthy again.
 */
export function withRecovery(injections: InjectionReport[], outages: EvidentOutage[]): InjectionReport[] {
  return injections.map((injection) => {
    const { startMs } = injection.actual;
    if (startMs === null || !tookForce(injection)) return injection;
    const untilMs = nextStartAfter(injection, injections);
    const own = outages.filter(
      (outage) =>
        outage.evidentMs < untilMs &&
        outage.lastBadAnswerMs >= startMs &&
        (outage.endMs === null || outage.endMs > startMs),
    );
    return { ...injection, recovery: recovery(startMs, injection.actual.endMs, own) };
  });
}

function recovery(startMs: number, endMs: number | null, outages: EvidentOutage[]): Recovery {
  if (outages.length === 0) return notRecovered;
  const firstMs = outages.reduce((first, outage) => Math.min(first, outage.startMs), Number.POSITIVE_INFINITY);
  const lastMs = outages.reduce((last, { endMs }) => Math.max(last, endMs ?? Number.POSITIVE_INFINITY), startMs);
  const failedMs = Math.max(startMs, firstMs);
  const recoveredMs = Number.isFinite(lastMs) ? lastMs : null;
  return {
    failedMs,
    recoveredMs,
    timeToDetectMs: failedMs - startMs,
    timeToRecoverMs: recoveredMs === null ? null : recoveredMs - startMs,
    // It may have been well again before the fault was lifted.
    timeToRecoverFromEndMs: recoveredMs === null || endMs === null ? null : Math.max(0, recoveredMs - endMs),
    timeToRecoverFromFailureMs: recoveredMs === null ? null : recoveredMs - failedMs,
    failedProbes: [...new Set(outages.map(({ probe }) => probe))],
  };
}

/** When the next injection began, for one that has ended; while in force it answers for everything. */
function nextStartAfter(injection: InjectionReport, injections: InjectionReport[]): number {
  const { endMs } = injection.actual;
  let next = Number.POSITIVE_INFINITY;
  if (endMs === null) return next;
  for (const other of injections) {
    const { startMs } = other.actual;
    if (other === injection || startMs === null || startMs < endMs || !tookForce(other)) continue;
    next = Math.min(next, startMs);
  }
  return next;
}

const tookForce = ({ state }: InjectionReport): boolean => state !== 'not-begun' && state !== 'failed';
