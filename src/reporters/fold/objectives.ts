import { keeps } from '../../model/bound.ts';
import type { Plan } from '../../model/plan.ts';
import type { InjectionReport, ObjectiveReport } from '../../model/report.ts';
import { formatMeasured } from '../text/figures.ts';
import { brokenPromises, consistency, type Ledgers } from './ledgers.ts';
import type { ProbeFigures } from './probe-figures.ts';

type PlannedObjective = Plan['objectives'][number];

/** What objectives are judged by. */
export interface Measurements {
  probes: Map<string, ProbeFigures>;
  injections: InjectionReport[];
  ledgers: Ledgers;
  /** Whether the run went through its whole timeline and recovery; if not, what was measured is only a part. */
  complete: boolean;
}

/** What was measured, in the bound's unit. `never`: what was asked for did not happen at all, which breaks any bound. */
type Measured =
  | { value: number; samples: number; text?: string; message?: string }
  | { never: string; samples: number }
  | { unmeasured: string; samples: number };

export function judgeObjective(objective: PlannedObjective, measurements: Measurements): ObjectiveReport {
  const { bound, place } = objective;
  const measured = measure(objective, measurements);
  const about = {
    title: titleOf(objective),
    measure: objective.measure,
    of: objective.measure === 'recoveryTime' ? objective.step : objective.probe,
    place,
    asked: bound.text.trim(),
    samples: measured.samples,
  };
  if ('unmeasured' in measured)
    return { ...about, measured: null, measuredText: 'not measured', outcome: 'unknown', message: measured.unmeasured };
  const { complete } = measurements;
  const unfinished = 'the run ended before this could be judged';
  if ('never' in measured)
    return {
      ...about,
      measured: null,
      measuredText: measured.never,
      outcome: complete ? 'failed' : 'unknown',
      ...(complete ? {} : { message: unfinished }),
    };
  const outcome = complete ? (keeps(bound, measured.value) ? 'passed' : 'failed') : 'unknown';
  const message = complete ? measured.message : unfinished;
  return {
    ...about,
    measured: measured.value,
    measuredText: measured.text ?? formatMeasured(bound, measured.value),
    outcome,
    ...(message === undefined ? {} : { message }),
  };
}

function titleOf(objective: PlannedObjective): string {
  const text = objective.bound.text.trim();
  const asked = /^[<>=]/.test(text) ? text : `= ${text}`;
  switch (objective.measure) {
    case 'availability':
      return `availability of ${objective.probe} ${asked}`;
    case 'errorRate':
      return `error rate of ${objective.probe} ${asked}`;
    case 'latency':
      return `p${String(objective.percentile).replace('.', '')} latency of ${objective.probe} ${asked}`;
    case 'recoveryTime':
      return `recovery time of ${objective.step} ${asked}`;
    case 'consistency':
      return `consistency of ${objective.probe} ${asked}`;
  }
}

function measure(objective: PlannedObjective, { probes, injections, ledgers }: Measurements): Measured {
  switch (objective.measure) {
    case 'availability':
      return measureProbe(probes.get(objective.probe), (probe) => probe.availability);
    case 'errorRate':
      return measureProbe(probes.get(objective.probe), (probe) => probe.errorRate);
    case 'latency':
      return measureProbe(probes.get(objective.probe), (probe) => probe.latencyMs(objective.percentile));
    case 'recoveryTime':
      return measureRecovery(
        injections.find(({ step }) => step === objective.step),
        [...probes.values()],
      );
    case 'consistency':
      return measureConsistency(objective.probe, ledgers);
  }
}

function measureProbe(probe: ProbeFigures | undefined, figure: (probe: ProbeFigures) => number | null): Measured {
  const value = probe ? figure(probe) : null;
  const samples = probe?.measured ?? 0;
  if (value !== null) return { value, samples };
  return { unmeasured: samples === 0 ? 'no sample was measured' : 'no answer was good', samples };
}

function measureRecovery(injection: InjectionReport | undefined, probes: ProbeFigures[]): Measured {
  const samples = probes.reduce((sum, probe) => sum + probe.measured, 0);
  if (!injection || injection.actual.startMs === null) return { unmeasured: 'it was never injected', samples };
  if (injection.state === 'failed') return { unmeasured: 'it could not be injected', samples };
  const { startMs } = injection.actual;
  const { failedMs, recoveredMs } = injection.recovery;
  if (failedMs !== null && recoveredMs === null) return { never: 'did not recover', samples };
  const unwatched = probes.find(({ latestDueMs }) => latestDueMs === null || latestDueMs < startMs);
  if (unwatched || probes.length === 0)
    return { unmeasured: `${unwatched ? unwatched.probe.id : 'no probe'} measured nothing after it`, samples };
  if (recoveredMs === null) return { value: 0, samples, text: 'never failed' };
  return { value: recoveredMs - startMs, samples };
}

function measureConsistency(probe: string, ledgers: Ledgers): Measured {
  const ledger = ledgers.of(probe);
  if (!ledger) return { unmeasured: 'the ledger was not verified', samples: 0 };
  if ('unreadable' in ledger) return { unmeasured: ledger.unreadable, samples: 0 };
  const { result } = ledger;
  const value = consistency([result]);
  if (value === null) return { unmeasured: 'no write was acknowledged', samples: 0 };
  const message = brokenPromises(result);
  return { value, samples: result.acknowledged, ...(message === undefined ? {} : { message }) };
}
