import { setTimeout as delay } from 'node:timers/promises';
import { describe, it, type TestContext } from 'vitest';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { Hold } from './support/hold.ts';
import { type Letter, ThreeHosts } from './support/three-hosts.ts';

/** `c` is known by its addresses alone, as a host elsewhere is. */
const scenario = (hosts: ThreeHosts, steps: string): string => `version: 1
name: Sides
targets:
  cluster:
    network:
      nodes:
        a: { namespace: ${hosts.name('a')} }
        b: { namespace: ${hosts.name('b')} }
        c: { addresses: [${hosts.address('c', 'a')}, ${hosts.address('c', 'b')}] }
timeline:
${steps}
`;

/** Every way from a host to another, told as `ab`. */
const ways = ['ab', 'ba', 'ac', 'ca', 'bc', 'cb'].map((way) => [...way] as [Letter, Letter]);

/** The ways on which packets arrive. */
async function open(hosts: ThreeHosts): Promise<string[]> {
  const arrived = await Promise.all(ways.map(async ([from, to]) => [from + to, await hosts.arrivals(from, to, 3)]));
  return arrived.filter(([, count]) => count === 3).map(([way]) => String(way));
}
const all = ways.map((way) => way.join(''));

const onThreeHosts = (name: string, test: (hosts: ThreeHosts, hold: Hold, context: TestContext) => Promise<void>) =>
  it(name, { timeout: 60_000 }, async (context) => {
    needs(context, 'root', 'ip', 'nft');
    const hosts = new ThreeHosts();
    const hold = new Hold();
    try {
      await test(hosts, hold, context);
    } finally {
      hosts.remove();
      hold.clear();
    }
  });

/** What is injected, and on which ways packets still arrive. */
const partitions: [string, string, string[]][] = [
  ['of one host from two', 'network-partition, with: { sides: [[a], [b, c]] }', ['bc', 'cb']],
  ['of two hosts from one', 'network-partition, with: { sides: [[a, c], [b]], mode: reject }', ['ac', 'ca']],
  [
    'from one host to two',
    'network-partition, with: { sides: [[a], [b, c]], direction: out }',
    ['ba', 'ca', 'bc', 'cb'],
  ],
  [
    'to one host from two',
    'network-partition, with: { sides: [[b], [a, c]], direction: in }',
    ['ba', 'ac', 'ca', 'bc'],
  ],
  ['of two hosts, beside a third', 'network-partition, with: { sides: [[a], [b]] }', ['ac', 'ca', 'bc', 'cb']],
];

describe.concurrent('a partition of a network', () => {
  for (const [how, fault, left] of partitions)
    onThreeHosts(
      `${how} stops what crosses it and nothing else, and nothing afterwards`,
      async (hosts, hold, { expect }) => {
        const day = new GameDay(scenario(hosts, hold.steps(`${fault}, target: cluster`)));
        await day.until('injection-in-force');
        expect(await open(hosts)).toEqual(left);
        hold.finish();
        expect(await day.end(), day.stderr).toBe(0);
        expect(day.report().injections[0]).toMatchObject({ state: 'undone', gone: true, effect: { seen: 'seen' } });
        expect(await open(hosts)).toEqual(all);
        expect(await hosts.rules()).toEqual(['', '', '']);
      },
    );

  onThreeHosts('is lifted everywhere when the runner is killed', async (hosts, _, { expect }) => {
    const day = new GameDay(
      scenario(hosts, '  - { inject: network-partition, target: cluster, with: { sides: [[a], [b, c]] }, for: 60s }'),
    );
    await day.until('injection-in-force');
    expect((await hosts.rules()).map((rules) => rules === '')).toEqual([false, false, true]);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await hosts.rules()).toEqual(['', '', '']);
    expect(await open(hosts)).toEqual(all);
  });

  onThreeHosts('ends by itself when runner and guardian are killed together', async (hosts, _, { expect }) => {
    const day = new GameDay(
      scenario(hosts, '  - { inject: network-partition, target: cluster, with: { sides: [[a], [b, c]] }, for: 1s }'),
    );
    const guardian = await day.helper('chaos-guardian');
    await day.until('injection-in-force');
    process.kill(day.pid, 'SIGSTOP'); // so that it starts no other
    process.kill(guardian, 'SIGKILL');
    day.signal('SIGKILL');
    expect(await hosts.arrivals('b', 'a', 3)).toBe(0);
    await delay(11_500);
    expect(await open(hosts)).toEqual(all);
  });
});

describe.concurrent('resets in a network', () => {
  onThreeHosts(
    'break connections between sides, and no others, and none afterwards',
    async (hosts, hold, { expect }) => {
      const steps = hold.steps('connection-reset, target: cluster, with: { sides: [[b], [a]] }');
      const day = new GameDay(scenario(hosts, steps));
      await day.until('injection-in-force');
      expect(await hosts.connection('a', 'b')).toBe('ECONNREFUSED');
      expect(await hosts.connection('b', 'a')).toBe('ECONNREFUSED');
      expect(await hosts.connection('c', 'b')).toBe('connected');
      hold.lift();
      await day.until('injection-undone');
      expect(await hosts.connection('a', 'b')).toBe('connected');
      hold.finish();
      expect(await day.end(), day.stderr).toBe(0);
      expect(day.report().injections[0]).toMatchObject({ gone: true, effect: { seen: 'seen' } });
    },
  );
});

describe.concurrent('loss in a network', () => {
  onThreeHosts(
    'is what was asked for between any two, counted once for each packet',
    async (hosts, hold, { expect }) => {
      const loss = 'network-loss, target: cluster, with: { rate: 30%, direction: both, sides: [[a], [b, c]] }';
      const day = new GameDay(scenario(hosts, hold.steps(loss)));
      await day.until('injection-in-force');
      const count = 1000;
      for (const [from, to] of [
        ['a', 'b'],
        ['a', 'c'],
        ['c', 'a'],
      ] as const) {
        const share = (await hosts.arrivals(from, to, count)) / count;
        // The 99.99 % binomial interval.
        expect(Math.abs(share - 0.7), `${from} to ${to}: ${share}`).toBeLessThan(3.9 * Math.sqrt((0.3 * 0.7) / count));
      }
      expect(await hosts.arrivals('b', 'c', 100)).toBe(100);
      hold.finish();
      expect(await day.end(), day.stderr).toBe(0);
      const { packets, rate } = day.report().injections[0]!.effect.figures as { packets: number; rate: number };
      // Beside ours, hosts ask each other for their addresses in IPv6 only: that is not for these peers.
      expect(packets).toBe(3 * count);
      expect(Math.abs(rate - 0.3)).toBeLessThan(3.9 * Math.sqrt((0.3 * 0.7) / packets));
    },
  );
});

describe.concurrent('bandwidth in a network', () => {
  /** It is sent at once, and more than may wait: what is left is dropped. */
  const count = 300;
  const narrow = 'network-bandwidth, target: cluster, with: { rate: 4kbit/s, sides: [[a], [b]] }';

  onThreeHosts('is that of the line between sides, and of no other', async (hosts, hold, { expect }) => {
    const before = await hosts.queues();
    const day = new GameDay(scenario(hosts, hold.steps(narrow)));
    await day.until('injection-in-force');
    expect(await hosts.arrivals('a', 'b', count)).toBeLessThan(count);
    expect(await hosts.arrivals('b', 'a', count)).toBeLessThan(count);
    expect(await hosts.arrivals('a', 'c', count)).toBe(count);
    expect(await hosts.arrivals('b', 'c', count)).toBe(count);
    hold.lift();
    await day.until('injection-undone');
    expect(await hosts.arrivals('a', 'b', count)).toBe(count);
    hold.finish();
    expect(await day.end(), day.stderr).toBe(0);
    const report = day.report();
    expect(report.injections[0]).toMatchObject({ gone: true, effect: { seen: 'seen' } });
    expect(report.residue).toMatchObject({ residue: [], unseen: [] });
    expect(await hosts.queues()).toEqual(before);
  });

  onThreeHosts('goes beside another, which stays when it is lifted', async (hosts, hold, { expect }) => {
    const wide = 'network-bandwidth, target: cluster, with: { rate: 1Gbit/s, sides: [[a], [b, c]] }';
    const before = await hosts.queues();
    const day = new GameDay(scenario(hosts, `  - { id: wide, inject: ${wide} }\n${hold.steps(narrow)}`));
    await day.until('injection-in-force', ({ step }) => step === 'held');
    expect(await hosts.arrivals('a', 'b', count)).toBeLessThan(count);
    expect(await hosts.arrivals('a', 'c', count)).toBe(count);
    hold.lift();
    await day.until('injection-undone', ({ step }) => step === 'held');
    expect(await hosts.arrivals('a', 'b', count)).toBe(count);
    expect((await hosts.queues())[0]).toMatch(/htb .*\n(.*\n)*.*tbf .*rate 1Gbit/);
    hold.finish();
    expect(await day.end(), day.stderr).toBe(0);
    expect(await hosts.queues()).toEqual(before);
  });

  onThreeHosts('is lifted everywhere when the runner is killed', async (hosts, _, { expect }) => {
    const before = await hosts.queues();
    const day = new GameDay(scenario(hosts, `  - { inject: ${narrow}, for: 60s }`));
    await day.until('injection-in-force');
    expect((await hosts.queues()).map((queues) => queues.includes('htb'))).toEqual([true, true, false]);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await hosts.queues()).toEqual(before);
  });

  onThreeHosts('does not go beside one on all that leaves the same interface', async (hosts, _, { expect }) => {
    const before = await hosts.queues();
    const everything = `network-bandwidth, target: everything, with: { interface: ${hosts.device('a', 'b')} }`;
    const day = new GameDay(
      scenario(
        hosts,
        `  - { id: first, inject: ${everything} }\n  - { id: second, inject: ${narrow}, for: 1s }`,
      ).replace('targets:', `targets:\n  everything: { host: { namespace: ${hosts.name('a')} } }`),
    );
    expect(await day.end()).toBe(4);
    expect(day.stderr).toContain('something is done already, to whomever it goes');
    expect(await hosts.queues()).toEqual(before);
  });
});
