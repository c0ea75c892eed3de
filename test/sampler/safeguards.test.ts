import { expect, test } from 'vitest';
import { parseBound } from '../../src/model/bound.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { Sample } from '../../src/model/event.ts';
import type { Safeguard } from '../../src/model/scenario.ts';
import { Safeguards, type Tripped } from '../../src/sampler/safeguards.ts';
import { probe } from './support/rig.ts';

const at = { path: '/safety/abortWhen/0', probe: 'p' };
const failing = (ms: number): Safeguard => ({ ...at, when: 'failing', failingFor: milliseconds(ms) });
const bounded = (bound: string, measure: 'errorRate' | 'availability', overMs: number): Safeguard => ({
  ...at,
  when: 'bound',
  measure,
  bound: parseBound(bound)!,
  over: milliseconds(overMs),
});
const slow = (bound: string, overMs: number): Safeguard => ({
  ...at,
  when: 'bound',
  measure: 'latency',
  percentile: 95,
  bound: parseBound(bound)!,
  over: milliseconds(overMs),
});

/** Samples 10 ms apart, each answered after its latency. @returns when it was tripped, and what was said */
function fed(
  safeguard: Safeguard,
  states: Sample['state'][],
  latencyMs = 1,
): { atMs: number; message: string } | undefined {
  let tripped: { atMs: number; message: string } | undefined;
  let nowMs = 0;
  const safeguards = new Safeguards([safeguard], [probe('p', 'tcp', {}, { every: 10 })], ({ message }: Tripped) => {
    tripped = { atMs: nowMs, message };
  });
  for (const [index, state] of states.entries()) {
    const dueMs = index * 10;
    nowMs = dueMs + latencyMs;
    safeguards.add('p', { dueMs, lateMs: 0, latencyMs, state }, nowMs);
  }
  return tripped;
}

const times = (count: number, state: Sample['state']): Sample['state'][] => Array.from({ length: count }, () => state);

test('a probe that fails so long trips, and one that was good in between does not', () => {
  expect(fed(failing(100), [...times(10, 'good'), ...times(20, 'bad')])).toEqual({
    atMs: 201,
    message: 'p has been failing for 100ms',
  });
  const flapping = Array.from({ length: 100 }, (_, index) => (index % 9 === 0 ? 'good' : 'bad') as Sample['state']);
  expect(fed(failing(100), flapping)).toBeUndefined();
});

test('an error rate is judged once so much has been sampled, and then over the last of it', () => {
  const rate = bounded('> 50%', 'errorRate', 200);
  expect(fed(rate, times(15, 'bad'))).toBeUndefined();
  expect(fed(rate, times(40, 'bad'))!.atMs).toBe(201);
  const tripped = fed(rate, [...times(100, 'good'), ...times(40, 'bad')])!;
  expect(tripped.atMs).toBeGreaterThan(1000);
  expect(tripped.atMs).toBeLessThan(1000 + 200);
  expect(tripped.message).toMatch(/^error rate of p over the last 200ms was [56][0-9.]*% \(abort when > 50%\)$/);
});

test('what could not be measured is neither good nor bad', () => {
  expect(
    fed(bounded('< 100%', 'availability', 100), [...times(50, 'good'), ...times(50, 'unmeasured')]),
  ).toBeUndefined();
});

test('a latency is that of good answers', () => {
  expect(fed(slow('> 20ms', 100), times(50, 'good'), 30)!.message).toBe(
    'p95 latency of p over the last 100ms was 30ms (abort when > 20ms)',
  );
  expect(fed(slow('> 20ms', 100), times(50, 'good'), 19)).toBeUndefined();
  expect(fed(slow('> 20ms', 100), times(50, 'bad'), 30)).toBeUndefined();
});
