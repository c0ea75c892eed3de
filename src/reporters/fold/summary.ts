import type { Report, Summary } from '../../model/report.ts';
import { consistency } from './ledgers.ts';

/** The run in a few figures. */
export function summarize(
  report: Pick<Report, 'verdict' | 'exitCode' | 'injections' | 'probes' | 'outages' | 'ledgers'>,
  begun: number,
): Summary {
  const good = sum(report.probes.map((probe) => probe.good));
  const measured = good + sum(report.probes.map((probe) => probe.bad));
  const recoveries = report.outages.filter(({ endMs }) => endMs !== null).length;
  const timesToDetect = report.injections.flatMap(({ recovery }) => recovery.timeToDetectMs ?? []);
  const timesToRecover = report.injections.flatMap(({ recovery }) => recovery.timeToRecoverMs ?? []);
  return {
    success: report.verdict === 'passed' && report.exitCode === 0,
    events: begun,
    failuresDetected: report.outages.length,
    recoveries,
    recoveryRate: report.outages.length === 0 ? null : recoveries / report.outages.length,
    meanTimeToRecoverMs: mean(timesToRecover),
    meanTimeToDetectMs: mean(timesToDetect),
    availability: measured === 0 ? null : good / measured,
    errorRate: measured === 0 ? null : (measured - good) / measured,
    consistency: consistency(report.ledgers.flatMap((ledger) => ('result' in ledger ? [ledger.result] : []))),
  };
}

const mean = (values: number[]): number | null => (values.length === 0 ? null : sum(values) / values.length);
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
