/** What an objective can be about. Latency is written by its percentile. */
export const percentiles: Record<string, number> = { p50: 50, p90: 90, p95: 95, p99: 99, p999: 99.9 };
export const measures = ['availability', 'errorRate', 'recoveryTime', 'consistency', ...Object.keys(percentiles)];
