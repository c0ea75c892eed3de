import { keeps } from '../../model/bound.ts';
import type { Plan } from '../../model/plan.ts';
import type { InjectionReport, ObjectiveReport, Outage } from '../../model/report.ts';
import type { RecoveryFrom } from '../../model/scenario.ts';
import { formatMeasured } from '../text/figures.ts';
import type { Figures } from './figures.ts';
import { brokenPromises, consistency, type Ledgers } from './ledgers.ts';
import type { ProbeFigures } from './probe-figures.ts';

type PlannedObjective = Plan['objectives'][number];

/** What objectives are judged by. */
export interface Measurements {
  probes: Map<string, ProbeFigures>;
  injections: InjectionReport[];
  outages: Outage[];
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
    of: 'step' in objective ? objective.step : 'probe' in objective ? objective.probe : '',
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
  const during = 'during' in objective && objective.during !== undefined ? ` during ${objective.during}` : '';
  switch (objective.measure) {
    case 'availability':
    case 'uptime':
      return `${objective.measure} of ${objective.probe}${during} ${asked}`;
    case 'errorRate':
      return `error rate of ${objective.probe}${during} ${asked}`;
    case 'latency':
      return `p${String(objective.percentile).replace('.', '')} latency of ${objective.probe}${during} ${asked}`;
    case 'recoveryTime':
      return `recovery time of ${objective.step}${fromInWords[objective.from]} ${asked}`;
    case 'detectionTime':
      return `detection time of ${objective.step} ${asked}`;
    case 'meanTimeToRecover':
      return `mean time to recover ${asked}`;
    case 'recoveryRate':
      return `recovery rate ${asked}`;
    case 'consistency':
      return `consistency of ${objective.probe} ${asked}`;
  }
}

const fromInWords = { start: '', end: ' from its end', failure: ' from the first failure' };

function measure(objective: PlannedObjective, measurements: Measurements): Measured {
  const { probes, injections, ledgers } = measurements;
  switch (objective.measure) {
    case 'availability':
    case 'errorRate':
    case 'latency':
      return measureProbe(objective, probes.get(objective.probe));
    case 'uptime': {
      const probe = probes.get(objective.probe);
      const samples = probe?.during(objective.during).measured ?? 0;
      const value = probe?.uptime(objective.during) ?? null;
      return value === null ? { unmeasured: nothingMeasured(objective.during), samples } : { value, samples };
    }
    case 'recoveryTime':
    case 'detectionTime':
      return measureRecovery(
        objective,
        injections.find(({ step }) => step === objective.step),
        [...probes.values()],
      );
    case 'meanTimeToRecover':
    case 'recoveryRate':
      return measureRun(objective.measure, measurements);
    case 'consistency':
      return measureConsistency(objective.probe, ledgers);
  }
}

type OfProbe = Extract<PlannedObjective, { measure: 'availability' | 'errorRate' | 'latency' }>;

function measureProbe(objective: OfProbe, probe: ProbeFigures | undefined): Measured {
  const figures = probe?.during(objective.during);
  const value = figures ? figureOf(objective, figures) : null;
  const samples = figures?.measured ?? 0;
  if (!probe || !figures || value === null)
    return { unmeasured: samples === 0 ? nothingMeasured(objective.during) : 'no answer was good', samples };
  if (objective.bound.unit === 'baseline') return againstBaseline(objective, value, samples, probe.during('baseline'));
  const tooFew = tooFewFor(objective, figures);
  // What even the slowest answer keeps, every percentile keeps.
  const isDecided = tooFew === undefined || keeps(objective.bound, figures.maxLatencyMs);
  return isDecided ? { value, samples } : { unmeasured: tooFew, samples };
}

function figureOf(objective: OfProbe, figures: Figures): number | null {
  switch (objective.measure) {
    case 'availability':
      return figures.availability;
    case 'errorRate':
      return figures.errorRate;
    case 'latency':
      return figures.latencyMs(objective.percentile);
  }
}

/** How many times what it was in the baseline. */
function againstBaseline(objective: OfProbe, value: number, samples: number, baseline: Figures): Measured {
  const usual = figureOf(objective, baseline);
  if (usual === null) return { unmeasured: 'the baseline measured nothing of it', samples };
  const tooFew = tooFewFor(objective, baseline);
  if (tooFew !== undefined) return { unmeasured: `the baseline: ${tooFew}`, samples };
  const unit = objective.measure === 'latency' ? 'ms' : 'share';
  const shown = (figure: number) => formatMeasured({ ...objective.bound, unit, value: Number.NaN }, figure);
  // Nothing is any number of times nothing.
  const ratio = usual === 0 ? (value === 0 ? 1 : Number.POSITIVE_INFINITY) : value / usual;
  const times = Number.isFinite(ratio) ? `${Number(ratio.toFixed(2))}x baseline` : 'more than in the baseline';
  if (!Number.isFinite(ratio)) return { never: `${times} (${shown(value)}, baseline ${shown(usual)})`, samples };
  return { value: ratio, samples, text: `${times} (${shown(value)}, baseline ${shown(usual)})` };
}

/** A percentile of so few that one answer alone would decide it says nothing. */
function tooFewFor(objective: OfProbe, { counts }: Figures): string | undefined {
  if (objective.measure !== 'latency') return undefined;
  const needed = Math.round(100 / (100 - objective.percentile));
  if (counts.good >= needed) return undefined;
  return `p${objective.percentile} takes ${needed} good answers, there were ${counts.good}`;
}

const nothingMeasured = (during: string | undefined): string =>
  during === undefined ? 'no sample was measured' : `no sample was measured during ${during}`;

function measureRun(
  what: 'meanTimeToRecover' | 'recoveryRate',
  { injections, outages, probes }: Measurements,
): Measured {
  const samples = [...probes.values()].reduce((sum, { whole }) => sum + whole.measured, 0);
  if (samples === 0) return { unmeasured: 'no sample was measured', samples };
  if (outages.length === 0) return { value: what === 'recoveryRate' ? 1 : 0, samples, text: 'never failed' };
  if (what === 'recoveryRate')
    return { value: outages.filter(({ endMs }) => endMs !== null).length / outages.length, samples };
  const failed = injections.filter(({ recovery }) => recovery.failedMs !== null);
  if (failed.some(({ recovery }) => recovery.recoveredMs === null)) return { never: 'did not recover', samples };
  if (failed.length === 0) return { unmeasured: 'what failed, failed after no injection', samples };
  const total = failed.reduce((sum, { recovery }) => sum + recovery.timeToRecoverMs!, 0);
  return { value: total / failed.length, samples };
}

function measureRecovery(
  objective: Extract<PlannedObjective, { measure: 'recoveryTime' | 'detectionTime' }>,
  injection: InjectionReport | undefined,
  probes: ProbeFigures[],
): Measured {
  const samples = probes.reduce((sum, { whole }) => sum + whole.measured, 0);
  if (!injection || injection.actual.startMs === null) return { unmeasured: 'it was never injected', samples };
  if (injection.state === 'failed') return { unmeasured: 'it could not be injected', samples };
  const { startMs } = injection.actual;
  const { failedMs, recoveredMs, timeToDetectMs } = injection.recovery;
  if (objective.measure === 'detectionTime')
    return timeToDetectMs === null ? { never: 'nothing failed', samples } : { value: timeToDetectMs, samples };
  if (failedMs !== null && recoveredMs === null) return { never: 'did not recover', samples };
  const unwatched = probes.find(({ latestDueMs }) => latestDueMs === null || latestDueMs < startMs);
  if (unwatched || probes.length === 0)
    return { unmeasured: `${unwatched ? unwatched.probe.id : 'no probe'} measured nothing after it`, samples };
  if (recoveredMs === null) return { value: 0, samples, text: 'never failed' };
  const value = recoveryTimeOf(injection.recovery, objective.from);
  return value === null ? { unmeasured: 'its end was not seen', samples } : { value, samples };
}

function recoveryTimeOf(recovery: InjectionReport['recovery'], from: RecoveryFrom): number | null {
  switch (from) {
    case 'start':
      return recovery.timeToRecoverMs;
    case 'end':
      return recovery.timeToRecoverFromEndMs;
    case 'failure':
      return recovery.timeToRecoverFromFailureMs;
  }
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

/** The times that objectives are about, and the baseline where something is held against it. */
export const windowsOf = (objectives: PlannedObjective[]): string[] => [
  ...new Set(
    objectives.flatMap((objective) => [
      ...('during' in objective && objective.during !== undefined ? [objective.during] : []),
      ...(objective.bound.unit === 'baseline' ? ['baseline'] : []),
    ]),
  ),
];
