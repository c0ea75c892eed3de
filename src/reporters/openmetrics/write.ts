import type { Report, Verdict } from '../../model/report.ts';
import { exposition, type Family } from './exposition.ts';

const verdicts: Verdict[] = ['passed', 'failed', 'aborted', 'inconclusive', 'error'];
const outcomes = ['passed', 'failed', 'unknown'] as const;

/**
 * The figures of a run for a dashboard: as a file of a textfile collector, or pushed. Every value carries the scenario and
 * the run's id is told once, in `chaos_run_info`, so that series go on from run to run.
 */
export function reportAsOpenMetrics(report: Report): string {
  return exposition(
    [...ofTheRun(report), ...ofFaults(report), ...ofProbes(report), ...ofObjectives(report), ...ofLedgers(report)],
    // A run without its faults is another series than those with them.
    { scenario: report.scenario.name, ...(report.isSham ? { sham: 'true' } : {}) },
  );
}

function ofTheRun(report: Report): Family[] {
  const { run, version, scenario, seed, verdict, exitCode, summary, leftovers, residue } = report;
  return [
    {
      name: 'chaos_run_info',
      help: 'The run that these figures are of.',
      values: [{ labels: { run, version, file: scenario.file, seed: String(seed) }, value: 1 }],
    },
    {
      name: 'chaos_run_verdict',
      help: 'What the run came to.',
      values: verdicts.map((one) => ({ labels: { verdict: one }, value: Number(one === verdict) })),
    },
    gauge('chaos_run_exit_code', 'What the run answered to the shell.', exitCode),
    seconds('chaos_run_start_time_seconds', 'When the run began, since the epoch.', [
      { value: Date.parse(report.startedAt) },
    ]),
    seconds('chaos_run_end_time_seconds', 'When the run ended, since the epoch.', [
      { value: Date.parse(report.endedAt) },
    ]),
    seconds('chaos_run_duration_seconds', 'From the first event to the last.', [{ value: report.durationMs }]),
    gauge('chaos_run_faults', 'Injections that were begun.', summary.events),
    gauge('chaos_run_outages', 'Outages that were seen.', summary.failuresDetected),
    gauge('chaos_run_recoveries', 'Outages that ended.', summary.recoveries),
    gauge(
      'chaos_run_leftovers',
      'Things that could not be undone, or were found afterwards.',
      leftovers.length + (residue?.residue.length ?? 0),
    ),
    seconds('chaos_run_mean_time_to_recover_seconds', 'Mean over the faults that something failed after.', [
      { value: summary.meanTimeToRecoverMs },
    ]),
    ratio('chaos_run_availability_ratio', 'Good samples among those measured, of all probes.', [
      { value: summary.availability },
    ]),
    seconds('chaos_run_mean_time_to_detect_seconds', 'Mean over the faults that something failed after.', [
      { value: summary.meanTimeToDetectMs },
    ]),
    ratio('chaos_run_error_ratio', 'Bad samples among those measured, of all probes.', [{ value: summary.errorRate }]),
    ratio('chaos_run_recovery_ratio', 'Outages that ended, among all.', [{ value: summary.recoveryRate }]),
    ratio('chaos_run_consistency_ratio', 'Acknowledged writes that were kept exactly once.', [
      { value: summary.consistency },
    ]),
  ];
}

function ofFaults({ injections }: Report): Family[] {
  const each = (value: (injection: Report['injections'][number]) => number | null): Family['values'] =>
    injections.map((injection) => ({
      labels: { step: injection.step, fault: injection.fault, target: injection.target ?? '' },
      value: value(injection),
    }));
  return [
    {
      name: 'chaos_fault_effect_seen',
      help: 'Whether the effect of the fault was seen.',
      values: each(({ effect }) => Number(effect.seen === 'seen')),
    },
    seconds(
      'chaos_fault_in_force_seconds',
      'How long the fault was in force.',
      each(({ actual: { startMs, inForceMs, endMs } }) =>
        startMs === null || endMs === null ? null : endMs - (inForceMs ?? startMs),
      ),
    ),
    seconds(
      'chaos_fault_time_to_detect_seconds',
      'From the start of the fault to the first bad sample.',
      each(({ recovery }) => recovery.timeToDetectMs),
    ),
    seconds(
      'chaos_fault_time_to_recover_seconds',
      'From the start of the fault until every probe was healthy again.',
      each(({ recovery }) => recovery.timeToRecoverMs),
    ),
  ];
}

function ofProbes({ probes }: Report): Family[] {
  return [
    {
      name: 'chaos_probe_samples',
      help: 'Samples from the end of the baseline to the end of the recovery.',
      values: probes.flatMap(({ id, good, bad, unmeasured }) =>
        Object.entries({ good, bad, unmeasured }).map(([state, value]) => ({ labels: { probe: id, state }, value })),
      ),
    },
    ratio(
      'chaos_probe_availability_ratio',
      'Good samples among those measured.',
      probes.map(({ id, availability }) => ({ labels: { probe: id }, value: availability })),
    ),
    ratio(
      'chaos_probe_uptime_ratio',
      'Time in which the probe was not in an outage.',
      probes.map(({ id, uptime }) => ({ labels: { probe: id }, value: uptime })),
    ),
    seconds(
      'chaos_probe_latency_seconds',
      'Latency of good answers, from when they were due.',
      probes.flatMap(({ id, latencyMs }) =>
        latencyMs
          ? (
              [
                ['p50', latencyMs.p50],
                ['p95', latencyMs.p95],
                ['p99', latencyMs.p99],
                ['max', latencyMs.max],
              ] as const
            ).map(([statistic, value]) => ({ labels: { probe: id, statistic }, value }))
          : [],
      ),
    ),
  ];
}

const ofObjectives = ({ objectives }: Report): Family[] => [
  {
    name: 'chaos_objective_outcome',
    help: 'Whether the objective was kept.',
    values: objectives.flatMap(({ title, outcome }) =>
      outcomes.map((one) => ({
        labels: { objective: title, outcome: one },
        value: Number(one === outcome),
      })),
    ),
  },
];

function ofLedgers({ ledgers }: Report): Family[] {
  return [
    {
      name: 'chaos_ledger_writes',
      help: 'Writes of the ledger, and what became of those that were acknowledged.',
      values: ledgers.flatMap((ledger) => {
        if (!('result' in ledger)) return [];
        const { written, acknowledged, kept, lostCount, duplicatedCount } = ledger.result;
        const { outOfOrderCount, staleCount } = ledger.result;
        const counts = {
          written,
          acknowledged,
          kept,
          lost: lostCount,
          duplicated: duplicatedCount,
          ...(outOfOrderCount === undefined ? {} : { out_of_order: outOfOrderCount }),
          ...(staleCount === undefined ? {} : { stale: staleCount }),
        };
        return Object.entries(counts).map(([state, value]) => ({ labels: { probe: ledger.probe, state }, value }));
      }),
    },
  ];
}

const gauge = (name: string, help: string, value: number | null): Family => ({
  name,
  help,
  values: [{ value }],
});

/** @param values milliseconds */
const seconds = (name: string, help: string, values: Family['values']): Family => ({
  name,
  unit: 'seconds',
  help,
  values: values.map(({ value, ...rest }) => ({
    ...rest,
    value: value === null ? null : Number((value / 1000).toFixed(6)),
  })),
});

const ratio = (name: string, help: string, values: Family['values']): Family => ({
  name,
  unit: 'ratio',
  help,
  values,
});
