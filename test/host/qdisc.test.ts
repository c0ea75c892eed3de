import { expect, test } from 'vitest';
import { placesFor, type Queue } from '../../src/host/qdisc.ts';
import { type Impairment, together } from '../../src/model/impairment.ts';

const queue: Queue = { device: 'eth0', handle: '9ffe:' };
const places = (wanted: Impairment, hasNetem = false): string[] =>
  placesFor(queue, wanted, hasNetem).map(({ at, handle, words }) => [...at, 'handle', handle, ...words].join(' '));

const bucket = 'root handle 9ffe: tbf rate 1000000bit burst 3200 limit 53200';
const idle = 'netem limit 100000 delay 0ms 0ms 0% loss 0% duplicate 0% corrupt 0%';

test('a rate alone is a bucket alone', () => {
  expect(places({ bytesPerSecond: 125_000 })).toEqual([bucket]);
});

test('beside a rate, what waits for it waits behind netem, and no longer', () => {
  expect(places({ bytesPerSecond: 125_000, loss: 0.1 })).toEqual([
    bucket,
    `parent 9ffe:1 handle 9fff: ${idle.replace('loss 0%', 'loss 10%')}`,
    'parent 9fff:1 handle a000: bfifo limit 53200',
  ]);
});

test('what was put in below the bucket stays until all goes, and does nothing', () => {
  expect(places({ bytesPerSecond: 125_000 }, true)).toEqual([
    bucket,
    `parent 9ffe:1 handle 9fff: ${idle}`,
    'parent 9fff:1 handle a000: bfifo limit 53200',
  ]);
});

test('several on one interface at once are one after another', () => {
  const delay = (latencyMs: number, jitterMs: number, correlation = 0): Impairment => ({
    delay: { latencyMs, jitterMs, correlation },
  });
  expect(together([])).toEqual({});
  expect(together([{ bytesPerSecond: 3000 }, { bytesPerSecond: 2000 }])).toEqual({ bytesPerSecond: 2000 });
  expect(together([delay(100, 5, 0.25), { corruption: 0.5 }, delay(50, 1)])).toEqual({
    ...delay(150, 6, 0.25),
    corruption: 0.5,
  });
  expect(together([{ loss: 0.5 }, { loss: 0.5 }, { duplication: 1 }])).toEqual({ loss: 0.75, duplication: 1 });
});
