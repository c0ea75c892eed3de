import fc from 'fast-check';
import { expect, test } from 'vitest';
import { milliseconds } from '../../src/model/duration.ts';
import type { Sample } from '../../src/model/event.ts';
import { Health } from '../../src/sampler/health.ts';

const sample = (dueMs: number, state: Sample['state']): Sample => ({ dueMs, lateMs: 0, latencyMs: 1, state });
/** Asked every 10 ms. */
const probe = (id: string, successThreshold: number) => ({
  id,
  every: milliseconds(10),
  timeout: milliseconds(1000),
  successThreshold,
});
const healthOf = (threshold: number, samples: Sample[]): Health => {
  const health = new Health([probe('p', threshold)]);
  health.add('p', samples);
  return health;
};
const good = (dueMs: number) => sample(dueMs, 'good');
const bad = (dueMs: number) => sample(dueMs, 'bad');
const unmeasured = (dueMs: number) => sample(dueMs, 'unmeasured');

test('a probe is healthy after as many good samples in a row as it takes, due since then', () => {
  const health = healthOf(3, [bad(0), good(10), good(20)]);
  expect(health.healthy(0)).toBe(false);
  health.add('p', [good(30)]);
  expect(health.healthy(0)).toBe(true);
  expect(health.healthy(10)).toBe(true);
  expect(health.healthy(11)).toBe(false);
});

test('a bad sample that answers late ends the good ones before it, not those after it', () => {
  const health = healthOf(2, [good(10), good(30)]);
  health.add('p', [bad(20)]);
  expect(health.healthy(0)).toBe(false);
  health.add('p', [good(40)]);
  expect(health.healthy(0)).toBe(true);
});

test('good samples around one that is still unanswered are not yet in a row', () => {
  const health = healthOf(3, [good(10), good(20), good(40), good(50)]);
  expect(health.healthy(0)).toBe(false);
  health.add('p', [good(30)]);
  expect(health.healthy(0)).toBe(true);
  expect(healthOf(3, [good(20), good(30), good(40)]).healthy(0), 'what is outstanding before a row').toBe(true);
  expect(healthOf(3, [good(0), good(10), good(20), good(50)]).healthy(0), 'or after it').toBe(true);
});

test('a service of which every other answer hangs is never healthy, though good answers come all the time', () => {
  const health = healthOf(3, []);
  for (let dueMs = 0; dueMs < 3000; dueMs += 20) {
    health.add('p', [good(dueMs)]);
    if (dueMs >= 1000) health.add('p', [bad(dueMs - 990)]);
    expect(health.healthy(0)).toBe(false);
  }
});

test('what could not be measured neither makes nor ends health', () => {
  expect(healthOf(2, [good(10), unmeasured(20), good(30)]).healthy(0)).toBe(true);
  expect(healthOf(2, [good(10), unmeasured(20)]).healthy(0)).toBe(false);
});

test('what was due in a time is told when no answer is outstanding, whatever the answers say', () => {
  const samples = [good(1), bad(11), unmeasured(21), good(31), good(41)];
  expect(healthOf(1, samples).isTold(0, 50)).toBe(true);
  expect(healthOf(1, samples).isTold(0, 60)).toBe(false);
  expect(healthOf(1, []).isTold(0, 5)).toBe(false);
  for (const missing of samples)
    expect(
      healthOf(
        1,
        samples.filter((one) => one !== missing),
      ).isTold(0, 50),
      `without that at ${missing.dueMs}`,
    ).toBe(false);
  expect(healthOf(1, []).isTold(7, 7)).toBe(true);
});

test('a hypothesis is healthy when every one of its probes is', () => {
  const health = new Health([probe('a', 1), probe('b', 1)]);
  health.add('a', [good(10)]);
  expect(health.healthy(0)).toBe(false);
  expect(health.healthy(0, 'a')).toBe(true);
  health.add('b', [bad(10)]);
  expect(health.anyBad(0)).toEqual({ ...bad(10), probe: 'b' });
  expect(health.anyBad(0, 'a')).toBeUndefined();
  expect(health.anyBad(11)).toBeUndefined();
});

test('the last samples are shown in the order in which they were due', () => {
  const health = healthOf(1, [good(10), good(30), bad(20), good(40)]);
  expect(health.lastSamples('p', 3)).toEqual([bad(20), good(30), good(40)]);
});

/** Samples 10 ms apart, told in any order. */
const told = fc
  .array(fc.constantFrom<Sample['state']>('good', 'good', 'bad', 'unmeasured'), { maxLength: 60 })
  .chain((states) => {
    const samples = states.map((state, index) => sample(index * 10, state));
    return fc.shuffledSubarray(samples, { minLength: samples.length });
  });
const sometime = fc.integer({ min: -10, max: 610 });

test('in whatever order samples come, health is what it would be had they come in order', () => {
  fc.assert(
    fc.property(told, sometime, fc.integer({ min: 1, max: 5 }), (samples, sinceMs, threshold) => {
      const health = healthOf(threshold, samples);
      const measured = samples.filter(({ state }) => state !== 'unmeasured').sort((a, b) => a.dueMs - b.dueMs);
      const lastBad = measured.findLastIndex(({ state }) => state === 'bad');
      const goodAtEnd = measured.slice(lastBad + 1).filter(({ dueMs }) => dueMs >= sinceMs);
      expect(health.healthy(sinceMs)).toBe(goodAtEnd.length >= threshold);
      const badSince = measured.filter(({ state, dueMs }) => state === 'bad' && dueMs >= sinceMs).at(-1);
      expect(health.anyBad(sinceMs)?.dueMs).toBe(badSince?.dueMs);
    }),
  );
});

test('a probe of which little could be measured was not mostly good', () => {
  expect(healthOf(1, []).wasMostlyGood('p')).toBe(false);
  expect(healthOf(1, [good(10), good(20), unmeasured(30), unmeasured(40)]).wasMostlyGood('p')).toBe(true);
  expect(healthOf(1, [good(10), unmeasured(20), unmeasured(30)]).wasMostlyGood('p')).toBe(false);
});
