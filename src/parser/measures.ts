/** What an objective can be about: by what it names in `of`, and what bounds it. Latency is written by its percentile. */
interface Measure {
  of: 'probe' | 'ledger' | 'injection' | 'run';
  unit: 'share' | 'ms';
}

export const percentiles: Record<string, number> = { p50: 50, p90: 90, p95: 95, p99: 99, p999: 99.9 };

export const measureNamed: Record<string, Measure> = {
  availability: { of: 'probe', unit: 'share' },
  uptime: { of: 'probe', unit: 'share' },
  errorRate: { of: 'probe', unit: 'share' },
  recoveryTime: { of: 'injection', unit: 'ms' },
  detectionTime: { of: 'injection', unit: 'ms' },
  consistency: { of: 'ledger', unit: 'share' },
  meanTimeToRecover: { of: 'run', unit: 'ms' },
  recoveryRate: { of: 'run', unit: 'share' },
  ...Object.fromEntries(Object.keys(percentiles).map((name) => [name, { of: 'probe', unit: 'ms' } as const])),
};
export const measures = Object.keys(measureNamed);
