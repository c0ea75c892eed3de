import { expect, test } from 'vitest';
import { milliseconds, seconds } from '../../src/model/duration.ts';
import type { Step } from '../../src/model/scenario.ts';
import { planOf, times } from './support/plan.ts';
import { after, at, hang, healthy, kill, parallel, pause, process, sequence } from './support/scenario.ts';

test('pauses and holds are exact, an await may end at once or at its limit', () => {
  expect(times(planOf([hang('slow', 5), healthy('settled', 10), pause('a', 1), hang('again', 2)]))).toEqual({
    slow: '0 to 5',
    settled: '5 to 5..15',
    a: '5..15 to 6..16',
    again: '6..16 to 8..18',
  });
});

test('an instant fault is over when its effect was seen, which is looked for 5 s', () => {
  expect(times(planOf([kill('crash'), pause('a', 1)]))).toEqual({ crash: '0 to 0..5', a: '0..5 to 1..6' });
});

test('a step waits for the last of what it waits for', () => {
  const plan = planOf([
    parallel('p', pause('a', 1), pause('b', 4), healthy('c', 3)),
    after(['a', 'b'], pause('d', 1), 500),
    after('c', pause('e', 1)),
  ]);
  expect(times(plan)).toMatchObject({ p: '0 to 4', d: '4.5 to 5.5', e: '0..3 to 1..4' });
});

test('"at" holds a step back, and so does what it waits for', () => {
  const plan = planOf([at(30, pause('a', 1)), sequence('s', healthy('b', 60), at(40, pause('c', 1)))]);
  expect(times(plan)).toMatchObject({ a: '30 to 31', s: '31 to 41..91', c: '40 to 41' });
});

test('an open-ended injection is held until its group ends, and the group is over after it', () => {
  const plan = planOf([sequence('g', hang('slow'), healthy('a', 10), pause('b', 2)), pause('c', 1)]);
  expect(times(plan)).toMatchObject({ slow: '0 to 2..12', g: '0 to 2..12', c: '2..12 to 3..13' });
});

test('a program takes from nothing to its time limit', () => {
  const command = { argv: ['true'], timeout: seconds(60) };
  const run: Step = { ...pause('', 0), id: 'run', kind: 'run', command, expect: { exitCode: 0 } } as Step;
  const harm = {
    ...hang('harm', 5),
    fault: 'command',
    target: undefined,
    with: { inject: ['true'], undo: ['true'], env: {}, timeout: 2000 },
  } as unknown as Step;
  expect(times(planOf([run, at(100, harm), after('harm started', pause('a', 1))]))).toEqual({
    run: '0 to 0..60',
    harm: '100 to 105..109',
    a: '100..102 to 101..103',
  });
});

test('a restart takes until the successor is ready, at most', () => {
  const app = process('app');
  const ready = { probe: {} as never, every: milliseconds(100), within: seconds(15) };
  const restart = { ...kill('again'), fault: 'process-restart', with: { signal: 'SIGTERM', grace: 10_000 } } as Step;
  expect(times(planOf([restart], { targets: [{ ...app, ready } as typeof app] }))).toEqual({ again: '0 to 0..30' });
});

test('an empty group is over at once', () => {
  expect(times(planOf([sequence('s'), pause('a', 1)]))).toEqual({ s: '0 to 0', a: '0 to 1' });
});
