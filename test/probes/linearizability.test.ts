import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenOrders, type Operation } from '../../src/probes/workloads/linearizability.ts';

const { POSITIVE_INFINITY: never } = Number;
const write = (value: string, begunMs: number, endedMs: number): Operation => ({
  is: 'write',
  value,
  begunMs,
  endedMs,
});
const read = (value: string, begunMs: number, endedMs: number): Operation => ({ is: 'read', value, begunMs, endedMs });

describe('a history of a register', () => {
  it.each<[string, Operation[], string[]]>([
    ['in a row', [write('1', 0, 1), read('1', 2, 3), write('2', 4, 5), read('2', 6, 7)], []],
    ['that sees what stood there before', [read('0', 0, 1), write('1', 2, 3)], []],
    ['whose read overlaps the write', [write('1', 0, 10), read('0', 1, 2), read('1', 3, 4)], []],
    [
      'that shows what was overwritten',
      [write('1', 0, 10), write('2', 20, 30), read('1', 40, 50)],
      ['read 1 at 0:00.04, though 2 had taken its place at 0:00.03'],
    ],
    [
      'that goes back',
      [write('1', 0, 100), read('1', 10, 20), read('0', 30, 40)],
      ['read 0 at 0:00.03, though 1 had taken its place at 0:00.02'],
    ],
    [
      'that flips between two',
      [write('1', 0, 100), write('2', 0, 100), read('1', 10, 20), read('2', 30, 40), read('1', 50, 60)],
      ['read 1 at 0:00.05, though 2 had taken its place at 0:00.04'],
    ],
    ['with a value that nobody wrote', [read('7', 10, 20)], ['read 7 at 0:00.01, which nobody wrote']],
    ['that knows the future', [read('1', 10, 20), write('1', 30, 40)], ['read 1 at 0:00.01, before it was written']],
    ['whose lost write took effect late', [write('1', 0, never), read('0', 10, 20), read('1', 30, 40)], []],
    ['whose lost write never took effect', [write('1', 0, never), write('2', 10, 20), read('2', 30, 40)], []],
  ])('%s', (_, history, messages) => {
    expect(brokenOrders('0', history).map(({ message }) => message)).toEqual(messages);
  });

  it('of a hundred thousand operations is judged at once', () => {
    const history = Array.from({ length: 50_000 }, (_, n) => [
      write(String(n + 1), 3 * n, 3 * n + 2),
      read(String(n + 1), 3 * n + 1, 3 * n + 2.5),
    ]).flat();
    expect(brokenOrders('0', history)).toEqual([]);
    expect(brokenOrders('0', [...history, read('7', 200_000, 200_001)]).length).toBeGreaterThan(0);
  });
});

/** Tries every order. A write that was not acknowledged may be left out. */
function hasOrder(before: string, history: Operation[]): boolean {
  const place = (value: string, left: Operation[]): boolean => {
    if (left.every(({ is, endedMs }) => is === 'write' && endedMs === never)) return true;
    return left.some((operation) => {
      const others = left.filter((one) => one !== operation);
      if (others.some(({ endedMs }) => endedMs < operation.begunMs)) return false;
      if (operation.is === 'read') return operation.value === value && place(value, others);
      return place(operation.value, others);
    });
  };
  return place(before, history);
}

it('is accused exactly when no order explains it', () => {
  const moment = fc.integer({ min: 0, max: 12 });
  const interval = fc.tuple(moment, fc.integer({ min: 1, max: 6 }));
  const writes = fc.array(fc.record({ interval, isKnown: fc.boolean() }), { maxLength: 4 });
  const reads = fc.array(fc.record({ interval, of: fc.nat({ max: 4 }) }), { maxLength: 4 });
  let [broken, whole] = [0, 0];
  fc.assert(
    fc.property(writes, reads, (written, seen) => {
      // No two moments are the same: which of them came first is then no question.
      let tick = 0;
      const exact = (ms: number) => {
        tick += 1;
        return ms + tick / 1000;
      };
      const history = [
        ...written.map(({ interval: [from, length], isKnown }, n) =>
          write(String(n + 1), exact(from), isKnown ? exact(from + length) : never),
        ),
        ...seen.map(({ interval: [from, length], of }) =>
          read(String(of % (written.length + 1)), exact(from), exact(from + length)),
        ),
      ];
      const isWhole = hasOrder('0', history);
      if (isWhole) whole += 1;
      else broken += 1;
      expect(brokenOrders('0', history).length === 0).toBe(isWhole);
    }),
    { numRuns: 3000 },
  );
  // Both have been tried.
  expect(Math.min(broken, whole)).toBeGreaterThan(100);
});
