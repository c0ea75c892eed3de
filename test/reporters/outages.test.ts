import { describe, expect, test } from 'vitest';
import type { Outage } from '../../src/model/report.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { planOf, probe } from './support/plans.ts';
import { Story } from './support/story.ts';

/** Outages of a probe that is asked every 100 ms from 1000 on, right after the baseline. */
function outagesOf(states: string, parts: Parameters<typeof probe>[1] = {}): Outage[] {
  const story = new Story(planOf({ probes: [probe('web', parts)] })).healthyStart().samples('web', 1000, states);
  return foldReport(story.at(20_000).healthyEnd().events).outages;
}
const spans = (outages: Outage[]) => outages.map(({ startMs, endMs, badSamples }) => [startMs, endMs, badSamples]);

test('an outage goes from the first bad sample to the first of the good ones that ended it', () => {
  expect(outagesOf('ggbbbgggg')).toEqual([
    { probe: 'web', startMs: 1200, endMs: 1500, badSamples: 3, reason: 'status 503, expected 200' },
  ]);
});

test('too few good samples in a row end no outage', () => {
  expect(spans(outagesOf('gbggbggggg'))).toEqual([[1100, 1500, 2]]);
  expect(spans(outagesOf('gbggbggggg', { successThreshold: 2 }))).toEqual([
    [1100, 1200, 1],
    [1400, 1500, 1],
  ]);
});

test('an outage that does not end has no end', () => {
  expect(spans(outagesOf('ggbbgg'))).toEqual([[1200, null, 2]]);
});

test('a sample that could not be measured neither begins nor ends an outage', () => {
  expect(spans(outagesOf('gugbugugugg'))).toEqual([[1300, 1500, 1]]);
});

test('questions that are still unanswered when the system is back do not make it look broken', () => {
  // A stall: those asked in it run into their time limit of a second while younger ones are answered at once.
  expect(spans(outagesOf('gggttttttttttggggggggggggg'))).toEqual([[1300, 2300, 10]]);
});

describe('samples count', () => {
  test('only from the end of the baseline to the end of the recovery', () => {
    const story = new Story(planOf({ probes: [probe('web')] })).phase('start').phaseEnds('start').phase('baseline');
    story.samples('web', 0, 'bbbggg').at(1000).phaseEnds('baseline').phase('timeline').samples('web', 1000, 'gggg');
    story.at(1400).phaseEnds('timeline').phase('recovery').samples('web', 1400, 'g').at(1500).phaseEnds('recovery');
    story.phase('verification').samples('web', 1500, 'bbbb').phaseEnds('verification').takeDown();
    const report = foldReport(story.events);
    expect(report.outages).toEqual([]);
    expect(report.probes[0]).toMatchObject({ samples: 5, good: 5, bad: 0, availability: 1 });
    expect(report.summary.availability).toBe(1);
  });

  test('by when they were due, not by when their answer came', () => {
    const story = new Story(planOf({ probes: [probe('web')] })).healthyStart().samples('web', 900, 'tt');
    expect(foldReport(story.at(3000).healthyEnd().events).probes[0]).toMatchObject({ samples: 1, bad: 1 });
  });
});

test('a bad sample that comes after its turn is not lost', () => {
  const story = new Story(planOf({ probes: [probe('web')] })).healthyStart();
  story.samples('web', 1100, 'ggg').samples('web', 1000, 'b').samples('web', 1400, 'gggg').at(3000).healthyEnd();
  expect(spans(foldReport(story.events).outages)).toEqual([[1300, 1400, 1]]);
});
