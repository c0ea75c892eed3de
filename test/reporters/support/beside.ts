import type { Report } from '../../../src/model/report.ts';

/** As if a control run without faults had gone before. */
export const withControl = (report: Report): Report => ({
  ...report,
  control: {
    run: 'r-0',
    verdict: 'passed',
    reasons: [],
    probes: report.probes.map(({ id }) => ({ id, availability: 0.875, latencyMs: { p50: 1, p95: 2, p99: 3 } })),
    objectives: [],
  },
});
