import type { Report } from '../../model/report.ts';
import type { Case, Result } from '../cases/case.ts';
import { casesOf } from '../cases/cases.ts';
import { document, type Element } from './xml.ts';

/**
 * The report as JUnit XML: the scenario is a suite, each promise a case. The root is a `testsuite`: it is what the
 * schemas of both Surefire and Jenkins know, so only attributes and elements that both know are used.
 */
export function reportAsJunit(report: Report): string {
  const cases = casesOf(report);
  const count = (is: Result['is']): string => String(cases.filter(({ result }) => result.is === is).length);
  return document('testsuite', {
    attributes: {
      name: report.scenario.name,
      tests: String(cases.length),
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
      time: inSeconds(report.durationMs),
      timestamp: report.startedAt,
    },
    children: {
      properties: [{ children: { property: properties(report) } }],
      testcase: cases.map((one) => caseElement(one, report.scenario.name)),
    },
  });
}

function properties(report: Report): Element[] {
  const { run, version, scenario, seed, parameters, verdict, exitCode, reasons } = report;
  const named: [string, string][] = [
    ['run', run],
    ['chaos', version],
    ['file', scenario.file],
    ['seed', String(seed)],
    ...Object.entries(parameters).map(([name, value]): [string, string] => [`parameter ${name}`, String(value)]),
    ['verdict', verdict],
    ['exit code', String(exitCode)],
    ...reasons.map((reason): [string, string] => ['reason', reason]),
  ];
  return named.map(([name, value]) => ({ attributes: { name, value } }));
}

function caseElement({ name, phase, durationMs, result, stdout = '', stderr = '' }: Case, scenario: string): Element {
  return {
    attributes: { name, classname: `${scenario}.${phase}`, time: inSeconds(durationMs) },
    children: {
      ...resultElement(result),
      ...(stdout === '' ? {} : { 'system-out': [{ text: stdout }] }),
      ...(stderr === '' ? {} : { 'system-err': [{ text: stderr }] }),
    },
  };
}

function resultElement(result: Result): Record<string, Element[]> {
  switch (result.is) {
    case 'passed':
      return {};
    case 'skipped':
      return { skipped: [{ attributes: { message: result.message } }] };
    default: {
      const text = [result.message, ...result.details].join('\n');
      return { [result.is]: [{ attributes: { type: result.kind, message: result.message }, text }] };
    }
  }
}

const inSeconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3);
