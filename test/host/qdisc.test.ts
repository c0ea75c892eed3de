import { expect, test } from 'vitest';
import { placesFor } from '../../src/host/qdisc.ts';
import { type Impairment, together } from '../../src/model/impairment.ts';
import type { Queue } from '../../src/model/operation.ts';

const queue: Queue = { device: 'eth0', handle: '9ffe:' };
const inWords = (...lanes: Parameters<typeof placesFor>[1]): string[] =>
  placesFor(queue, lanes).map(({ where, words }) => [...where, ...words].join(' '));
const places = (wanted: Impairment, hasNetem = false): string[] => inWords({ to: [], wanted, hasNetem });

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

test('what goes to some alone has its own places, below a class that limits nothing', () => {
  const lanes = [
    { number: 0, to: ['10.0.0.2', 'fd00::2'], wanted: { bytesPerSecond: 125_000 }, hasNetem: false },
    { number: 1, to: ['10.0.0.3'], wanted: { loss: 0.1 }, hasNetem: false },
  ];
  const noRate = 'rate 1tbit burst 8mb';
  expect(inWords(...lanes)).toEqual([
    'root handle 9ffe: htb',
    `parent 9ffe: classid 9ffe:1 htb ${noRate} cburst 8mb quantum 60000`,
    bucket.replace('root handle 9ffe:', 'parent 9ffe:1 handle 9fff:'),
    'parent 9ffe: protocol ip prio 1 u32 match ip dst 10.0.0.2 flowid 9ffe:1',
    'parent 9ffe: protocol ipv6 prio 2 u32 match ip6 dst fd00::2 flowid 9ffe:1',
    `parent 9ffe: classid 9ffe:2 htb ${noRate} cburst 8mb quantum 60000`,
    `parent 9ffe:2 handle a002: tbf ${noRate} limit 1073741824`,
    `parent a002:1 handle a003: ${idle.replace('loss 0%', 'loss 10%')}`,
    'parent a003:1 handle a004: bfifo limit 1073741824',
    'parent 9ffe: protocol ip prio 1 u32 match ip dst 10.0.0.3 flowid 9ffe:2',
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
