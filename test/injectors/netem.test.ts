import { expect, test } from 'vitest';
import { placesFor } from '../../src/host/qdisc.ts';
import { netemTotal } from '../../src/injectors/netem.ts';
import { faultNamed } from '../../src/injectors/registry.ts';
import type { QueueCounts, Sight } from '../../src/model/fault.ts';
import type { Target } from '../../src/model/scenario.ts';

const target: Target = { id: 'machine', kind: 'host', needs: [] } as never;
const here = { here: true, addresses: [] };
const network: Target = { id: 'cluster', kind: 'network', nodes: { a: here, b: here } } as never;
const proxy: Target = { id: 'link', kind: 'proxy' } as never;

test.each<[fault: string, parameters: object, words: string]>([
  ['network-delay', { latency: 100, jitter: 0, correlation: 0 }, 'delay 100ms 0ms 0% loss 0% duplicate 0% corrupt 0%'],
  [
    'network-delay',
    { latency: 0.5, jitter: 20, correlation: 0.25 },
    'delay 0.5ms 20ms 25% loss 0% duplicate 0% corrupt 0%',
  ],
  ['network-corrupt', { rate: 0.0125 }, 'delay 0ms 0ms 0% loss 0% duplicate 0% corrupt 1.25%'],
  ['network-duplicate', { rate: 1 }, 'delay 0ms 0ms 0% loss 0% duplicate 100% corrupt 0%'],
  ['network-reorder', { rate: 0.3, latency: 10 }, 'delay 10ms 0ms 0% loss 0% duplicate 0% corrupt 0% reorder 30%'],
])('%s %j is what tc calls netem %s', (fault, parameters, words) => {
  const { inject, undo } = faultNamed(fault)!.inject(parameters as never, { id: 'step-1', seed: 'step-1', target });
  const [action] = inject;
  if (action?.op !== 'qdisc-add') throw new Error('it works by no queue');
  const lane = { to: [], wanted: action.impairment, hasNetem: false };
  const [bucket, netem] = placesFor({ device: 'eth0', handle: '9000:' }, [lane]);
  expect(bucket!.words.join(' ')).toMatch(/^tbf rate 1tbit /);
  expect(netem!.where).toEqual(['parent', '9000:1', 'handle', '9001:']);
  expect(netem!.words.join(' ')).toBe(`netem limit 100000 ${words}`);
  expect(undo).toEqual([{ op: 'qdisc-delete', target: 'machine' }]);
});

const plain = { latency: 100, jitter: 0, distribution: 'uniform', correlation: 0, direction: 'downstream', share: 1 };
test.each<[on: Target, written: object, refusal: string | undefined]>([
  [target, {}, undefined],
  [target, { interface: 'eth0', jitter: 5, correlation: 0.5 }, undefined],
  [target, { correlation: 0.5 }, 'without "jitter"'],
  [target, { latency: 5000, jitter: 2500 }, 'by at most 2s'],
  [target, { share: 0.5 }, 'leave out "direction" and "share"'],
  [target, { direction: 'both' }, 'leave out "direction" and "share"'],
  [target, { distribution: 'pareto' }, 'leave out "distribution: pareto"'],
  [proxy, { distribution: 'pareto' }, undefined],
  [proxy, { share: 0.5, direction: 'both' }, undefined],
  [proxy, { interface: 'eth0' }, 'are for hosts and networks'],
  [proxy, { sides: [['a'], ['b']] }, 'are for hosts and networks'],
  [target, { sides: [['a'], ['b']] }, '"sides" are those of a network'],
  [network, { sides: [['a'], ['b']], jitter: 5, correlation: 0.5 }, undefined],
  [network, { interface: 'eth0' }, 'leave out "interface"'],
  [network, { sides: [['a']] }, 'there have to be two sides'],
  [network, { direction: 'both' }, 'leave out "direction" and "share"'],
  [proxy, { jitter: 5, correlation: 0.5 }, 'are for hosts'],
])('network-delay on %o with %j: %s', (on, written, refusal) => {
  const said = faultNamed('network-delay')!.refuses!(on, { ...plain, ...written } as never);
  if (refusal === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(refusal);
});

const after = (counts?: Partial<QueueCounts>, share = 0.01) => {
  const queue = counts && { packets: 0, bytes: 0, heldBack: 0, dropped: 0, bytesPerSecond: 0, ...counts };
  return netemTotal({ queue: async () => queue } as unknown as Sight, share, 'sent twice');
};

test('nothing is claimed of too few packets', async () => {
  expect(await after()).toMatchObject({ seen: 'unseen', summary: 'netem was gone before its time' });
  expect(await after({})).toMatchObject({ seen: 'unseen', summary: 'no packet left while it was in force' });
  expect(await after({ packets: 20 })).toMatchObject({
    seen: 'unseen',
    summary: '20 packets left, too few to be sure that any was sent twice (asked 1 %)',
  });
  expect(await after({ packets: 1000 })).toMatchObject({
    seen: 'seen',
    summary: '1000 packets left, 1 % of them by chance sent twice',
    figures: { packets: 1000, askedRate: 0.01 },
  });
  expect(await after({ packets: 10, dropped: 3 }, 1)).toMatchObject({
    seen: 'seen',
    summary: '10 packets left, each sent twice; 3 dropped',
  });
});
