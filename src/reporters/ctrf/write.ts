import type { Report } from '../../model/report.ts';
import { oneLine, severalLines } from '../../text/clean.ts';
import type { Case } from '../cases/case.ts';
import { casesOf } from '../cases/cases.ts';

/**
 * The report in the Common Test Report Format: each promise is a test.
 * @see https://ctrf.io/docs/specification/overview
 */
export function reportAsCtrf(report: Report): string {
  const tests = casesOf(report).map((one) => testOf(one, report));
  const count = (status: string): number => tests.filter((test) => test.status === status).length;
  const document = {
    reportFormat: 'CTRF',
    specVersion: '1.0.0',
    runId: oneLine(report.run) || 'unknown',
    timestamp: report.endedAt,
    generatedBy: 'chaos',
    results: {
      tool: { name: 'chaos', version: report.version },
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        pending: 0,
        other: 0,
        start: epochMs(report, 0),
        stop: epochMs(report, report.durationMs),
        duration: whole(report.durationMs),
      },
      tests,
      environment: environmentOf(report),
      extra: verdictOf(report),
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The format knows no error: what could not be done or observed is a failure, whose `rawStatus` says so. */
function testOf({ name, phase, startMs, durationMs, place, result, stdout = '', stderr = '' }: Case, report: Report) {
  const { scenario } = report;
  return {
    name: oneLine(name),
    status: result.is === 'failure' || result.is === 'error' ? 'failed' : result.is,
    rawStatus: result.is,
    duration: whole(durationMs),
    ...(startMs === undefined ? {} : { start: epochMs(report, startMs), stop: epochMs(report, startMs + durationMs) }),
    suite: [oneLine(scenario.name), phase],
    ...(result.is === 'passed' ? {} : { message: severalLines(result.message) }),
    ...('details' in result ? { trace: severalLines(result.details.join('\n')) } : {}),
    filePath: scenario.file,
    ...(place ? { line: place.line } : {}),
    tags: scenario.tags.map(oneLine),
    ...(stdout === '' ? {} : { stdout: linesOf(stdout) }),
    ...(stderr === '' ? {} : { stderr: linesOf(stderr) }),
  };
}

const environmentOf = ({ scenario, host, environment, exitCode }: Report) => ({
  reportName: oneLine(scenario.name),
  osPlatform: host.platform,
  osRelease: host.release,
  ...(environment === undefined ? {} : { testEnvironment: oneLine(environment) }),
  healthy: exitCode === 0,
});

const verdictOf = ({ verdict, exitCode, reasons, seed, parameters, summary }: Report) => ({
  verdict,
  exitCode,
  reasons: reasons.map(oneLine),
  seed,
  parameters,
  summary,
});

const linesOf = (text: string): string[] => severalLines(text).replace(/\n$/, '').split('\n');

/** The format wants whole milliseconds. */
const whole = (ms: number): number => Math.max(0, Math.round(ms));

const epochMs = ({ startedAt }: Report, atMs: number): number => (Date.parse(startedAt) || 0) + whole(atMs);
