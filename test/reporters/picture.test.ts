import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunEvent, Sample } from '../../src/model/event.ts';
import { type Picture, PictureFold } from '../../src/reporters/picture/picture.ts';
import { planOf, probe } from './support/plans.ts';
import { Story } from './support/story.ts';
import { told } from './support/told.ts';

const web = probe('web', { every: 100 as never });
const story = () => new Story(planOf({ probes: [web] }));
const samplesOf = (samples: Sample[]) => story().tell({ type: 'samples', probe: 'web', samples });
const courseOf = (events: RunEvent[]): Picture['probes'][number] => {
  const fold = new PictureFold();
  for (const event of events) fold.add(event);
  return fold.picture().probes[0]!;
};
const good = (dueMs: number, latencyMs: number): Sample => ({ dueMs, lateMs: 0, latencyMs, state: 'good' });

test('a short run is drawn sample by sample', () => {
  expect(courseOf(story().samples('web', 1000, 'ggbtu').events)).toEqual({
    probe: 'web',
    startMs: 1000,
    widthMs: 100,
    good: [1, 1, 0, 0, 0],
    bad: [0, 0, 1, 1, 0],
    unmeasured: [0, 0, 0, 0, 1],
    min: [5, 5, null, null, null],
    median: [5, 5, null, null, null],
    p95: [5, 5, null, null, null],
    max: [5, 5, null, null, null],
    reasons: ['status 503, expected 200', 'we were late', 'no answer within 1s'],
    reason: { 2: 0, 3: 2, 4: 1 },
  });
});

test('a run of any length has at most 4096 slices of each probe, and no sample is lost in them', () => {
  const fold = new PictureFold();
  for (const event of story().events) fold.add(event);
  for (let hour = 0; hour < 100; hour += 1)
    for (const event of samplesOf(Array.from({ length: 36_000 }, (_, index) => good(hour * 3_600_000 + index * 100, 5)))
      .events)
      if (event.type === 'samples') fold.add(event);
  const course = fold.picture().probes[0]!;
  expect(course.good.length).toBeLessThanOrEqual(4096);
  expect(course.good.reduce((sum, count) => sum + count)).toBe(3_600_000);
  expect(course.widthMs).toBe(102_400);
});

test('many probes share the slices that a file has room for', () => {
  const probes = Array.from({ length: 100 }, (_, index) => probe(`p${index}`, { every: 10 as never }));
  const told = new Story(planOf({ probes }));
  for (const { id } of probes)
    told.tell({ type: 'samples', probe: id, samples: Array.from({ length: 2000 }, (_, index) => good(index * 10, 1)) });
  const slices = courseOf(told.events).good.length;
  expect(slices).toBeLessThanOrEqual(409);
  expect(slices).toBeGreaterThan(200);
});

test('the figures of a slice are those of its samples, median and p95 within 5 %', () => {
  const latency = fc.double({ min: 0.02, max: 100_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1, maxLength: 400 }), (latencies) => {
      // All in one slice: a sample far away makes the slices wide.
      const course = courseOf(
        samplesOf([...latencies.map((ms, index) => good(index, ms)), { ...good(1e9, 1), state: 'bad' }]).events,
      );
      const sorted = latencies.toSorted((a, b) => a - b);
      const rank = (share: number) => sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
      expect(course.good[0]).toBe(latencies.length);
      expect(course.min[0]).toBeCloseTo(sorted[0]!, -Math.log10(sorted[0]! / 500));
      expect(Math.abs(course.max[0]! / sorted.at(-1)! - 1)).toBeLessThan(0.001);
      expect(Math.abs(course.median[0]! / rank(0.5) - 1)).toBeLessThan(0.051);
      expect(Math.abs(course.p95[0]! / rank(0.95) - 1)).toBeLessThan(0.051);
    }),
    { numRuns: 100 },
  );
});

test('whatever the samples are, their count is kept and the lists are equally long', () => {
  const sample: fc.Arbitrary<Sample> = fc.record({
    dueMs: fc.oneof(fc.double({ min: -10, max: 1e6, noNaN: true }), fc.double({ min: 0, max: 1e13, noNaN: true })),
    lateMs: fc.constant(0),
    latencyMs: fc.double({ min: 0, max: 1e12, noNaN: true }),
    state: fc.constantFrom('good', 'bad', 'unmeasured'),
    reason: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 200 }), (samples) => {
      const course = courseOf(samplesOf(samples).events);
      const total = [course.good, course.bad, course.unmeasured].flat().reduce((sum, count) => sum + count, 0);
      expect(total).toBe(samples.length);
      const { good, bad, unmeasured, min, median, p95, max } = course;
      expect(new Set([good, bad, unmeasured, min, median, p95, max].map(({ length }) => length)).size).toBe(1);
      expect(good.length).toBeLessThanOrEqual(4096);
      expect(course.reasons.length).toBeLessThanOrEqual(50);
    }),
  );
});

test('the scenario as it was written is told by the run itself', () => {
  expect(told(new Story(planOf(), 'version: 1\n')).source).toBe('version: 1\n');
  expect(told(new Story(planOf())).source).toBeUndefined();
});
