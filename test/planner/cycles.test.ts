import { expect, test } from 'vitest';
import type { Step } from '../../src/model/scenario.ts';
import { diagnosticsOf } from './support/plan.ts';
import { after, hang, parallel, pause, sequence } from './support/scenario.ts';

test('steps that wait for each other are shown as a path, each with its reason at its place', () => {
  const diagnostics = diagnosticsOf([
    pause('first', 1),
    after('c', pause('a', 1)),
    after('a', pause('b', 1)),
    after('b', pause('c', 1)),
  ]);
  expect(diagnostics).toEqual([
    {
      severity: 'error',
      code: 'cycle',
      message: 'steps wait for each other in a circle: a -> c -> b -> a',
      hint: '"a" waits until "c" has ended',
      file: 'game-day.yaml',
      place: { line: 12, column: 20, length: 5 },
      related: [
        { message: '"c" waits until "b" has ended', place: { line: 14, column: 20, length: 5 } },
        { message: '"b" waits until "a" has ended', place: { line: 13, column: 20, length: 5 } },
      ],
    },
  ]);
});

test.each<[what: string, path: string, reasons: string[], timeline: Step[]]>([
  ['a step that waits for itself', 'a -> a', ['"a" waits until "a" has ended'], [after('a', pause('a', 1))]],
  [
    'a step that waits for the next one',
    'a -> b -> a',
    ['"a" waits until "b" has started', '"b" comes after "a"'],
    [after('b started', pause('a', 1)), pause('b', 1)],
  ],
  [
    'a member that waits for its own group',
    'a -> g -> a',
    ['"a" waits until "g" has ended', 'the group "g" ends when all its steps have, "a" among them'],
    [sequence('g', after('g', pause('a', 1)))],
  ],
  [
    'two groups whose members wait for the other group',
    'a -> h -> b -> g -> a',
    [
      '"a" waits until "h" has ended',
      'the group "h" ends when all its steps have, "b" among them',
      '"b" waits until "g" has ended',
      'the group "g" ends when all its steps have, "a" among them',
    ],
    [parallel('both', sequence('g', after('h', pause('a', 1))), sequence('h', after('g', pause('b', 1))))],
  ],
  [
    'a group that waits for its own member',
    'g -> a -> g',
    ['"g" waits until "a" has ended', '"a" is a step of "g"'],
    [after('a', sequence('g', pause('a', 1)))],
  ],
  [
    'waiting, in the timeline, for the end of what is held until the timeline ends',
    'b -> slow -> b',
    [
      '"b" waits until "slow" has ended',
      '"slow" has no "for": it is held until the timeline ends, and that is after "b"',
    ],
    [hang('slow'), after('slow ended', pause('b', 1))],
  ],
  [
    'waiting, in a group, for the end of what is held until the group ends',
    'b -> slow -> g -> b',
    [
      '"b" waits until "slow" has ended',
      '"slow" has no "for": it is held until the group "g" ends',
      'the group "g" ends when all its steps have, "b" among them',
    ],
    [sequence('g', hang('slow'), after('slow ended', pause('b', 1)))],
  ],
])('%s is a circle', (_, path, reasons, timeline) => {
  const [diagnostic, ...others] = diagnosticsOf(timeline);
  expect(others).toEqual([]);
  expect(diagnostic!.message).toBe(`steps wait for each other in a circle: ${path}`);
  expect([diagnostic!.hint, ...(diagnostic!.related ?? []).map(({ message }) => message)]).toEqual(reasons);
});

test('waiting from outside for what is held until a group ends is no circle', () => {
  expect(diagnosticsOf([sequence('g', hang('slow'), pause('a', 1)), after('slow ended', pause('b', 1))])).toEqual([]);
});

test('every circle is told, and once', () => {
  const messages = diagnosticsOf([
    after('b', pause('a', 1)),
    after('a', pause('b', 1)),
    after('d', pause('c', 1)),
    after('c', pause('d', 1)),
    pause('waits for a circle, is none', 1),
  ]).map(({ message }) => message);
  expect(messages.map((message) => message.slice(message.indexOf(': ') + 2)).sort()).toEqual([
    'a -> b -> a',
    'c -> d -> c',
  ]);
});
