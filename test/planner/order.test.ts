import { expect, test } from 'vitest';
import { compilePlan } from '../../src/planner/compile.ts';
import { diagnosticsOf, planOf, step, waiting } from './support/plan.ts';
import {
  after,
  at,
  hang,
  healthy,
  kill,
  parallel,
  pause,
  process,
  proxy,
  scenario,
  sequence,
} from './support/scenario.ts';

test('steps of the timeline run one after another', () => {
  expect(waiting(planOf([hang('slow', 5), healthy('settled', 10), kill('crash')]))).toEqual({
    slow: '',
    settled: 'slow ended',
    crash: 'settled ended',
  });
});

test('what follows an injection without "for" starts once it is in force, not when it ends', () => {
  const plan = planOf([
    hang('slow'),
    pause('a', 1),
    after('slow', pause('b', 1)),
    sequence('g', hang('in', undefined, 'db'), pause('c', 1)),
  ]);
  expect(waiting(plan)).toEqual({
    slow: '',
    a: 'slow started',
    b: 'slow started',
    g: 'b ended',
    in: 'g started',
    c: 'in started',
  });
  expect(step(plan, 'slow').action).toMatchObject({ hold: { until: 'timeline' } });
  expect(step(plan, 'in').action).toMatchObject({ hold: { until: 'g' } });
});

test('what follows an instant fault starts when its effect was seen', () => {
  const plan = planOf([kill('crash'), pause('a', 1)]);
  expect(step(plan, 'crash').action).toMatchObject({ hold: 'instant', undo: [] });
  expect(step(plan, 'a').waitsFor).toEqual([{ step: 'crash', event: 'ended' }]);
});

test('members of a parallel group start with it, and so does the first of a sequence', () => {
  const plan = planOf([parallel('p', pause('a', 1), pause('b', 1)), sequence('s', pause('c', 1), pause('d', 1))]);
  expect(waiting(plan)).toEqual({
    p: '',
    a: 'p started',
    b: 'p started',
    s: 'p ended',
    c: 's started',
    d: 'c ended',
  });
  expect(plan.steps.map(({ id, depth, parent }) => [id, depth, parent])).toEqual([
    ['p', 0, undefined],
    ['a', 1, 'p'],
    ['b', 1, 'p'],
    ['s', 0, undefined],
    ['c', 1, 's'],
    ['d', 1, 's'],
  ]);
});

test('"at" counts from the start of the timeline and does not wait for the step before', () => {
  const plan = planOf([pause('a', 9), at(2, pause('b', 1)), sequence('s', pause('c', 1), at(30, pause('d', 1)))]);
  expect(waiting(plan)).toMatchObject({ b: '', s: 'b ended', d: 's started' });
  expect(step(plan, 'b')).toMatchObject({ atMs: 2000, delayMs: 0 });
  expect(step(plan, 'd')).toMatchObject({ atMs: 30_000 });
});

test('"after" waits for all it names, once each, and for its own group where nothing else says so', () => {
  const plan = planOf([
    pause('a', 1),
    sequence('s', pause('b', 1), after(['b', 'b ended', 'a started'], pause('c', 1), 500), after('a', pause('d', 1))),
  ]);
  expect(waiting(plan)).toMatchObject({ c: 'b ended, a started', d: 's started, a ended' });
  expect(step(plan, 'c').delayMs).toBe(500);
});

test('targets start in the order of the file, but what is needed stands first', () => {
  const targets = [
    process('web', ['api']),
    process('other'),
    process('api', ['db', 'link']),
    proxy('link'),
    process('db'),
  ];
  expect(planOf([], { targets }).targets.map(({ id }) => id)).toEqual(['db', 'link', 'api', 'web', 'other']);
});

test('targets that need each other in a circle do not hang the planner', () => {
  const targets = [process('a', ['b']), process('b', ['a']), process('c', ['c', 'nobody'])];
  expect(planOf([], { targets }).targets.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
});

test('the plan says what each injection does and what undoes it, and how it reads', () => {
  const plan = planOf([hang('slow', 5), { ...kill('crash', 'db'), description: 'Lights out' }]);
  expect(step(plan, 'slow')).toMatchObject({
    title: 'process-pause on app for 5s',
    place: { line: 11 },
    action: {
      hold: { for: 5000 },
      inject: [{ op: 'signal', target: 'app', signal: 'SIGSTOP', tree: true }],
      undo: [{ op: 'signal', target: 'app', signal: 'SIGCONT', tree: true }],
    },
  });
  expect(step(plan, 'crash')).toMatchObject({ title: 'process-kill on db', description: 'Lights out' });
});

test('a plan is plain data: it survives JSON, and the same scenario gives the same plan', () => {
  const make = () => planOf([hang('slow'), parallel('p', kill('k'), healthy('h', 3))]);
  expect(JSON.parse(JSON.stringify(make()))).toEqual(make());
});

test('warns of an injection without "for" that nothing follows', () => {
  const [warning, ...others] = diagnosticsOf([pause('a', 1), hang('slow')]);
  expect(others).toEqual([]);
  expect(warning).toMatchObject({
    severity: 'warning',
    message: '"slow" is undone as soon as it is in force: nothing follows it in the timeline',
    place: { line: 12 },
  });
  expect(diagnosticsOf([sequence('g', hang('x')), hang('y', 1)])).toMatchObject([
    { message: '"x" is undone as soon as it is in force: nothing follows it in the group "g"' },
  ]);
});

test('does not warn where something may still be going on', () => {
  expect(diagnosticsOf([hang('slow'), pause('a', 1)])).toEqual([]);
  expect(diagnosticsOf([parallel('p', pause('a', 1), hang('slow'))])).toEqual([]);
  expect(diagnosticsOf([pause('a', 60), at(5, pause('b', 1)), hang('slow')])).toEqual([]);
});

test('100,000 steps, and groups 10,000 deep, compile without overflowing anything', () => {
  const many = Array.from({ length: 100_000 }, (_, index) => pause(`s${index}`, 1));
  const plan = planOf(many);
  expect(plan.steps.at(-1)!.expected).toMatchObject({ earliestStartMs: 99_999_000, latestEndMs: 100_000_000 });

  let nested = pause('innermost', 1);
  for (let depth = 0; depth < 10_000; depth += 1) nested = sequence(`g${depth}`, nested);
  const deep = { ...scenario([]), timeline: [nested] };
  expect(compilePlan(deep, { seed: 7 }).plan!.steps.at(-1)!.depth).toBe(10_000);
});
