import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/model/duration.ts';
import type { Step } from '../../src/model/scenario.ts';
import { diagnosticsOf } from './support/plan.ts';
import { after, at, command, hang, healthy, host, kill, parallel, pause, queue, sequence } from './support/scenario.ts';

describe('more faults at once than allowed are refused at the step that would be one too many', () => {
  const oneAtOnce = { concurrentFaults: 1 };

  test.each<[how: string, step: string, others: string, timeline: Step[]]>([
    ['side by side', 'b', '"a"', [parallel('p', hang('a', 5), hang('b', 5, 'db'))]],
    ['two kills at the very same moment', 'b', '"a"', [parallel('p', kill('a'), kill('b', 'db'))]],
    ['by the clock', 'b', '"a"', [hang('a', 10), at(5, kill('b'))]],
    ['before it in the file, but later', 'a', '"b"', [at(5, hang('a', 1)), at(0, hang('b', 10, 'db'))]],
    ['together, whenever that is', 'b', '"a"', [healthy('w', 60), parallel('p', hang('a', 5), hang('b', 5, 'db'))]],
    [
      'at a distance from the same open end',
      'b',
      '"a"',
      [healthy('w', 60), hang('a', 5), after('w', kill('b', 'db'), 4999)],
    ],
    ['under one that is held until the timeline ends', 'b', '"a"', [hang('a'), healthy('w', 60), kill('b')]],
    [
      'in a group inside the one around which it is held',
      'b',
      '"a"',
      [hang('a'), healthy('w', 9), parallel('p', pause('x', 1), sequence('s', healthy('v', 9), kill('b', 'db')))],
    ],
    [
      'certain to begin while the other is held, though not known when',
      'b',
      '"a"',
      [parallel('p', hang('a', 60), sequence('s', healthy('w', 30), hang('b', 1, 'db')))],
    ],
  ])('%s', (_, step, others, timeline) => {
    expect(diagnosticsOf(timeline, oneAtOnce)).toMatchObject([
      {
        severity: 'error',
        code: 'blast-radius',
        message: `"${step}" would be fault number 2 at the same time`,
        hint: `still in force then: ${others}`,
        related: [{ message: 'allowed: 1 at once' }],
      },
    ]);
  });

  test.each<[how: string, timeline: Step[]]>([
    ['one after another', [hang('a', 5), hang('b', 5), kill('c'), kill('d')]],
    ['back to back by the clock', [hang('a', 5), at(5, hang('b', 5))]],
    [
      'merely possible: the await may end late',
      [parallel('p', hang('a', 5), sequence('s', healthy('w', 30), hang('b', 1, 'db')))],
    ],
    ['held until a group ends that is over', [sequence('s', hang('a'), pause('x', 1)), hang('b', 5)]],
    [
      'merely possible: one side may be slow',
      [
        parallel(
          'p',
          sequence('s', healthy('v', 9), hang('a'), healthy('x', 9)),
          sequence('t', healthy('w', 9), hang('b', 1, 'db')),
        ),
      ],
    ],
  ])('but not %s', (_, timeline) => {
    expect(diagnosticsOf(timeline, oneAtOnce)).toEqual([]);
  });

  test('one that is refused does not count against those after it', () => {
    const timeline = [hang('a', 10), at(1, hang('b', 10, 'db')), at(2, command('c', 10)), at(10.5, hang('d', 1))];
    expect(diagnosticsOf(timeline, oneAtOnce).map(({ message }) => message)).toEqual([
      '"b" would be fault number 2 at the same time',
      '"c" would be fault number 2 at the same time',
    ]);
    expect(diagnosticsOf(timeline, { concurrentFaults: 2 }).map(({ message }) => message)).toEqual([
      '"c" would be fault number 3 at the same time',
    ]);
  });
});

describe('more time under fault than allowed is refused where it is exceeded', () => {
  test.each<[how: string, step: string, least: string, timeline: Step[]]>([
    ['holds in a row add up', 'b', '12s', [hang('a', 6), healthy('w', 60), hang('b', 6)]],
    ['under an open-ended one, whatever takes time counts', 'x', '11s', [hang('a'), pause('x', 11)]],
    ['one after the other by the clock', 'b', '12s', [parallel('p', hang('a', 6), at(6, hang('b', 6, 'db')))]],
  ])('%s', (_, step, least, timeline) => {
    expect(diagnosticsOf(timeline, { duration: seconds(10) })).toMatchObject([
      {
        code: 'blast-radius',
        message: `when "${step}" ends, the system was under fault for at least ${least}`,
        related: [{ message: 'allowed: 10s' }],
      },
    ]);
  });

  test('but two at the same time count once, and what is allowed may be used up', () => {
    expect(diagnosticsOf([parallel('p', hang('a', 6), hang('b', 6, 'db'))], { duration: seconds(10) })).toEqual([]);
    expect(diagnosticsOf([hang('a', 6), hang('b', 4)], { duration: seconds(10) })).toEqual([]);
    expect(diagnosticsOf([hang('a'), healthy('w', 60)], { duration: seconds(10) })).toEqual([]);
  });
});

test('more targets harmed than allowed are refused, each target counted once', () => {
  expect(diagnosticsOf([hang('a', 1), kill('b'), kill('c', 'db')], { targets: 1 })).toMatchObject([
    { message: '"c" harms target number 2: db', hint: 'harmed already: app', place: { line: 13 } },
  ]);
  expect(diagnosticsOf([hang('a', 1), kill('b'), kill('c', 'db')], { targets: 2 })).toEqual([]);
});

describe('what a target bears only one of is refused when it is certain to come twice at once', () => {
  test.each<[how: string, timeline: Step[]]>([
    ['side by side', [parallel('p', hang('a', 5), hang('b', 5))]],
    ['by the clock', [hang('a', 10), at(5, hang('b', 1))]],
    ['under one that is held until the timeline ends', [hang('a'), hang('b', 5)]],
  ])('%s', (_, timeline) => {
    expect(diagnosticsOf(timeline)).toMatchObject([
      {
        severity: 'error',
        code: 'twice-at-once',
        message: '"app" bears only one of "a" and "b" at a time: the end of one would end or spoil the other',
        related: [{ message: '"a" is in force then' }],
      },
    ]);
  });

  test('of the order of packets on one interface, but faults of how it sends work together', () => {
    const refusedOf = (...faults: [name: string, device: string][]) => {
      const steps = faults.map(([name, device], place) => queue(`${name}-${place}`, `network-${name}`, device));
      const found = diagnosticsOf([parallel('p', ...steps)], {}, { targets: [host('machine')] });
      return found.map(({ message }) => message.replace(/^.* only one of (.*) at a time.*$/, '$1'));
    };
    expect(refusedOf(['delay', 'eth0'], ['bandwidth', 'eth0'], ['delay', 'eth0'], ['corrupt', 'eth0'])).toEqual([]);
    expect(refusedOf(['reorder', 'eth0'], ['bandwidth', 'eth0'], ['delay', 'lo'], ['duplicate', 'eth0'])).toEqual([]);
    expect(refusedOf(['delay', 'eth0'], ['reorder', 'eth0'])).toEqual(['"delay-0" and "reorder-1"']);
    expect(refusedOf(['reorder', 'eth0'], ['delay', 'eth0'])).toEqual(['"reorder-0" and "delay-1"']);
    expect(refusedOf(['reorder', 'eth0'], ['reorder', 'eth0'])).toEqual(['"reorder-0" and "reorder-1"']);
  });

  test.each<[how: string, timeline: Step[]]>([
    ['one after another', [hang('a', 5), hang('b', 5), at(10, hang('c', 5))]],
    ['on other targets', [parallel('p', hang('a', 5), hang('b', 5, 'db'))]],
    ['a fault of which there may be any number', [parallel('p', command('a', 5), command('b', 5))]],
  ])('%s is allowed', (_, timeline) => {
    expect(diagnosticsOf(timeline)).toEqual([]);
  });
});
