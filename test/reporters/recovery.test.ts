import { expect, test } from 'vitest';
import { foldReport } from '../../src/reporters/fold.ts';
import { kill, planOf, probe, processTarget, slow } from './support/plans.ts';
import { Story, seen } from './support/story.ts';

const two = [kill('first'), kill('second')];
const begin = (steps = two, probes = [probe('web')]): Story => new Story(planOf({ probes, steps })).healthyStart();
const recoveries = (story: Story) =>
  foldReport(story.events).injections.map(
    ({ recovery: { failedMs, recoveredMs, timeToDetectMs, timeToRecoverMs } }) => [
      failedMs,
      recoveredMs,
      timeToDetectMs,
      timeToRecoverMs,
    ],
  );
const none = [null, null, null, null];

test('recovery runs from the start of the injection to the moment when every probe was healthy again', () => {
  const story = begin([kill('first')], [probe('web'), probe('api')])
    .at(1050)
    .strike('first');
  story.samples('web', 1100, 'gbbgggg').samples('api', 1100, 'gggbbbbggg').at(3000).healthyEnd();
  expect(recoveries(story)).toEqual([[1200, 1800, 150, 750]]);
});

test('an injection that harmed nobody has nothing to recover from', () => {
  const story = begin([kill('first')])
    .strike('first')
    .samples('web', 1000, 'gggg')
    .at(3000)
    .healthyEnd();
  expect(recoveries(story)).toEqual([none]);
});

test('a system that stays down did not recover', () => {
  const story = begin([kill('first')])
    .strike('first')
    .samples('web', 1000, 'gbbbb')
    .at(3000)
    .healthyEnd();
  expect(recoveries(story)).toEqual([[1100, null, 100, null]]);
});

test('an outage is laid to the injection that went before it, not to one that was over', () => {
  const story = begin().at(1050).strike('first').samples('web', 1000, 'ggggggggggg').at(2050).strike('second');
  story.samples('web', 2100, 'bbggg').at(4000).healthyEnd();
  expect(recoveries(story)).toEqual([none, [2100, 2300, 50, 250]]);
});

test('a question asked a moment before the harm, and answered badly after it, is laid to the harm', () => {
  const story = begin().at(1050).strike('first').samples('web', 1000, 'gggggggggg').at(2003).strike('second');
  story.samples('web', 2000, 'bggg').at(4000).healthyEnd();
  expect(recoveries(story)).toEqual([none, [2003, 2100, 0, 97]]);
});

test('while several are in force, each answers', () => {
  const story = begin([slow('slow', 3000), kill('crash')])
    .inject('slow')
    .at(2000)
    .strike('crash');
  story
    .samples('web', 1000, `${'g'.repeat(11)}bbggg`)
    .at(4000)
    .undo('slow')
    .at(5000)
    .healthyEnd();
  expect(recoveries(story)).toEqual([
    [2100, 2300, 1100, 1300],
    [2100, 2300, 100, 300],
  ]);
});

test('an outage that goes on when the next injection begins belongs to both', () => {
  const story = begin().at(1050).strike('first').at(1450).strike('second');
  story.samples('web', 1000, 'gbbbbbbggg').at(4000).healthyEnd();
  expect(recoveries(story)).toEqual([
    [1100, 1700, 50, 650],
    [1450, 1700, 0, 250],
  ]);
});

test('old questions that run out of time after the next injection are not laid to it', () => {
  const story = begin().at(1050).strike('first').samples('web', 1000, 'gtttggggggg').at(1950).strike('second');
  story.samples('web', 2100, 'ggg').at(4000).healthyEnd();
  expect(recoveries(story)).toEqual([[1100, 1400, 50, 350], none]);
});

test('a stall that begins under one injection and goes on under the next belongs to both, however late its answers', () => {
  const story = begin().at(1050).strike('first').at(1450).strike('second');
  story.samples('web', 1000, 'gttttttggg').at(4000).healthyEnd();
  expect(recoveries(story)).toEqual([
    [1100, 1700, 50, 650],
    [1450, 1700, 0, 250],
  ]);
});

test('a system that fails twice after one injection has recovered after the second time', () => {
  const story = begin([kill('first')])
    .at(1050)
    .strike('first')
    .samples('web', 1000, 'gbgggbggg')
    .at(4000)
    .healthyEnd();
  expect(recoveries(story)).toEqual([[1100, 1600, 50, 550]]);
});

test('the mean time to recover is over the injections that did harm and were recovered from', () => {
  const story = begin().at(1050).strike('first').samples('web', 1000, 'gbgggggggggggg').at(2050).strike('second');
  story.samples('web', 2400, 'bbgggg').at(4000).healthyEnd();
  const { summary } = foldReport(story.events);
  expect(summary).toMatchObject({
    events: 2,
    failuresDetected: 2,
    recoveries: 2,
    meanTimeToRecoverMs: (150 + 550) / 2,
  });
});

test('a killed process has a successor, and it is said when that was ready', () => {
  const plan = planOf({ targets: [processTarget('postgres')], steps: [kill('crash')] });
  const story = new Story(plan).tell(
    { type: 'target-started', target: 'postgres', pid: 11, generation: 1 },
    { type: 'target-ready', target: 'postgres', pid: 11, generation: 1, afterMs: 300 },
  );
  story.healthyStart().strike('crash', { seen: 'seen', summary: 'pid 11 is gone', figures: { killed: 1 } });
  story.at(1020).tell({
    type: 'target-exited',
    target: 'postgres',
    pid: 11,
    exitCode: null,
    signal: 'SIGKILL',
    expected: false,
    lastOutput: 'bye',
  });
  story.at(1500).tell({ type: 'target-started', target: 'postgres', pid: 12, generation: 2 });
  story.at(2200).tell({ type: 'target-ready', target: 'postgres', pid: 12, generation: 2, afterMs: 700 }).healthyEnd();
  const report = foldReport(story.events);
  expect(report.injections[0]!.effect).toEqual({
    seen: 'seen',
    summary: 'pid 11 is gone; its successor (pid 12) was ready after 1.2s',
    figures: { killed: 1, successorPid: 12, successorReadyAfterMs: 1200 },
  });
  expect(report.targets).toEqual([
    {
      id: 'postgres',
      kind: 'process',
      starts: [
        { pid: 11, startMs: 0, readyMs: 0, exitMs: 1020, exitCode: null, signal: 'SIGKILL', expected: false },
        { pid: 12, startMs: 1500, readyMs: 2200, exitMs: null, exitCode: null, signal: null, expected: true },
      ],
      lastOutput: 'bye',
    },
  ]);
});

test('a later process is not the successor of one that a fault has long let go', () => {
  const plan = planOf({ targets: [processTarget('postgres')], steps: [slow('pause', 1000, 'postgres')] });
  const story = new Story(plan).healthyStart().inject('pause', seen('stopped')).at(2000).undo('pause', seen('stopped'));
  story.tell({ type: 'target-ready', target: 'postgres', pid: 12, generation: 2, afterMs: 700 }).healthyEnd();
  expect(foldReport(story.events).injections[0]!.effect.summary).toBe('stopped');
});
