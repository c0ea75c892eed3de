import type { Verdict } from './report.ts';

/** What the same run came to without its faults: what is laid to a fault is held against it. */
export interface Control {
  run: string;
  verdict: Verdict;
  reasons: string[];
  probes: { id: string; availability: number | null; latencyMs: { p50: number; p95: number; p99: number } | null }[];
  objectives: { title: string; measuredText: string; outcome: 'passed' | 'failed' | 'unknown' }[];
}
