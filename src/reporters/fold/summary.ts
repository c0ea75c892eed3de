import type { Report, Summary } from '../../model/report.ts';
import { consistency } from './ledgers.ts';

/** The run in seven figures. */
export function summarize(
  report: Pick<Report, 'verdict' | 'exitCode' | 'injections' | 'probes' | 'outages' | 'ledgers'>,
  begun: number,
): Summary {
  const good = sum(report.probes.map((probe) => probe.good));
  const measured = good + sum(report.probes.map((probe) => probe.bad));
  const timesToRecover = report.injections.flatMap(({ recovery }) => recovery.timeToRecoverMs ?? []);
  return {
    success: report.verdict === 'passed' && report.exitCode === 0,
    events: begun,
    failuresDetected: report.outages.length,
    recoveries: report.outages.filter(({ endMs }) => endMs !== null).length,
    meanTimeToRecoverMs: timesToRecover.length === 0 ? null : sum(timesToRecover) / timesToRecover.length,
    availability: measured === 0 ? null : good / measured,
    consistency: consistency(report.ledgers.flatMap((ledger) => ('result' in ledger ? [ledger.result] : []))),
  };
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
