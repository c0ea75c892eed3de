import { expect, it } from 'vitest';
import { delaysFrom } from '../../src/proxy/faults/delays.ts';

/** So many delays of a connection, in rising order. */
function drawn(count: number, settings: { latencyMs: number; jitterMs: number; distribution: string }): number[] {
  const { delaysOf } = delaysFrom({ ...settings, direction: 'both', seed: 'seed' });
  const next = delaysOf(1, 'upstream')!;
  return Array.from({ length: count }, next).sort((a, b) => a - b);
}
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};
const at = (values: number[], share: number): number => values[Math.floor(share * values.length)]!;

it('uniform delays lie evenly around the latency', () => {
  const delays = drawn(20_000, { latencyMs: 100, jitterMs: 50, distribution: 'uniform' });
  expect(delays[0]).toBeGreaterThanOrEqual(50);
  expect(delays.at(-1)).toBeLessThanOrEqual(150);
  for (const share of [0.1, 0.5, 0.9]) expect(Math.abs(at(delays, share) - (50 + 100 * share))).toBeLessThan(2);
});

it('normal delays have the jitter as standard deviation', () => {
  const delays = drawn(20_000, { latencyMs: 100, jitterMs: 10, distribution: 'normal' });
  expect(mean(delays)).toBeCloseTo(100, 0);
  expect(deviation(delays)).toBeCloseTo(10, 0);
  expect(Math.abs(at(delays, 0.975) - 119.6)).toBeLessThan(1); // 1.96 standard deviations
});

it('pareto delays are never less than the latency, and now and then many jitters more', () => {
  const delays = drawn(20_000, { latencyMs: 100, jitterMs: 10, distribution: 'pareto' });
  expect(delays[0]).toBeGreaterThanOrEqual(100);
  expect(Math.abs(mean(delays) - 105)).toBeLessThan(0.5);
  expect(Math.abs(at(delays, 0.999) - 190)).toBeLessThan(25); // (1 / 0.001) ** (1 / 3) - 1 = 9 jitters
});

it('no delay is negative, and the same seed draws the same ones', () => {
  for (const distribution of ['uniform', 'normal', 'pareto']) {
    const settings = { latencyMs: 1, jitterMs: 1000, distribution };
    expect(drawn(1000, settings)[0]).toBeGreaterThanOrEqual(0);
    expect(drawn(1000, settings)).toEqual(drawn(1000, settings));
  }
});
