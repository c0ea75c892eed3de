import { afterAll, describe, expect, it } from 'vitest';
import { faults } from '../../src/injectors/registry.ts';
import { needs } from '../support/needs.ts';
import { GameDayThere } from './support/second-kernel/game-day.ts';
import { TwoHostsThere } from './support/second-kernel/hosts.ts';
import { SecondMachine } from './support/second-kernel/machine.ts';

/*
 * What works by netem, in a kernel that has it: one machine for all, booted in an emulator by the first test. An emulated
 * machine is slow and shares its processors with other tests, so times are only ever too long.
 */

let booting: Promise<SecondMachine> | undefined;
const machine = (): Promise<SecondMachine> => {
  booting ??= SecondMachine.boot();
  return booting;
};
afterAll(async () => (await booting?.catch(() => undefined))?.end());

interface There {
  hosts: TwoHostsThere;
  begin(steps: string): GameDayThere;
}

/** Tests on two hosts of their own, so that they may run at the same time. */
const onTwoHosts = (name: string, test: (there: There) => Promise<void>) =>
  it(name, { timeout: 120_000 }, async (context) => {
    needs(context, 'emulator', 'a second kernel (.ci/second-kernel)');
    const second = await machine();
    const hosts = await TwoHostsThere.on(second);
    const begin = (steps: string) =>
      new GameDayThere(
        second,
        `version: 1
name: Netem
targets:
  a: { host: { namespace: ${hosts.a} } }
  b: { host: { namespace: ${hosts.b} } }
timeline:
${steps}
`,
      );
    await test({ hosts, begin });
  });

/** How often an answer came before one to an earlier question. */
const overtakings = (sequence: number[]): number =>
  sequence.filter((number, place) => place > 0 && number < sequence[place - 1]!).length;

const netemFaults = faults.filter(({ needs }) =>
  needs?.('host').some((one) => one.need === 'kernel' && one.feature === 'netem'),
);

it('a kernel that cannot load netem is told of before a run', { timeout: 120_000 }, async (context) => {
  needs(context, 'emulator', 'a second kernel (.ci/second-kernel)');
  const second = await machine();
  const loader = '/proc/sys/kernel/modprobe';
  const set = (path: string) => second.run('sh', '-c', `echo ${path} > ${loader}`);
  await set('/nowhere');
  const { stdout } = await second.ask('node', '/chaos/bin/chaos.cjs', 'doctor');
  await set('/sbin/modprobe');
  for (const { name } of netemFaults) expect(stdout).toMatch(new RegExp(`${name} +host +no +.*: modprobe sch_netem`));
});

describe.concurrent('netem', () => {
  onTwoHosts('delays what leaves, as ping sees it, and no longer', async ({ hosts, begin }) => {
    const before = await hosts.queues(hosts.a);
    const day = begin('  - { inject: network-delay, target: a, with: { latency: 200ms }, for: 5s }');
    await day.until('injection-in-force');
    expect(await hosts.queues(hosts.a)).toMatch(/netem [0-9a-f]+: dev eth0 root .*limit 100000 delay 200ms/);
    const late = await hosts.ping(20, 0.05);
    expect(late.sequence).toHaveLength(20);
    expect(Math.min(...late.timesMs)).toBeGreaterThanOrEqual(199);
    expect(Math.min(...late.timesMs)).toBeLessThan(260);
    expect((await day.end()).code).toBe(0);
    expect(Math.min(...(await hosts.ping(5)).timesMs)).toBeLessThan(100);
    expect(await hosts.queues(hosts.a)).toBe(before);
    const { effect } = (await day.report()).injections[0]!;
    expect(effect).toMatchObject({
      seen: 'seen',
      summary: expect.stringMatching(/^[0-9]+ packets left, each 200 ms late$/),
    });
    expect(effect.figures.packets).toBeGreaterThanOrEqual(20);
  });

  onTwoHosts('lets delays differ, by as much as was asked', async ({ hosts, begin }) => {
    const day = begin(
      '  - { inject: network-delay, target: a, with: { latency: 200ms, jitter: 100ms, correlation: 25% }, for: 6s }',
    );
    await day.until('injection-in-force');
    expect(await hosts.queues(hosts.a)).toContain('delay 200ms  100ms 25%');
    const { timesMs } = await hosts.ping(60, 0.05);
    expect(Math.min(...timesMs)).toBeGreaterThanOrEqual(99);
    expect(Math.min(...timesMs)).toBeLessThan(190);
    expect(Math.max(...timesMs)).toBeGreaterThan(210);
    expect((await day.end()).code).toBe(0);
  });

  onTwoHosts('sends packets twice, at the rate that was asked for', async ({ hosts, begin }) => {
    const before = await hosts.queues(hosts.a);
    const day = begin('  - { inject: network-duplicate, target: a, with: { rate: 30% }, for: 6s }');
    await day.until('injection-in-force');
    const { sequence, duplicates } = await hosts.ping(300);
    expect(sequence).toHaveLength(300);
    // The 99.99 % binomial interval.
    expect(Math.abs(duplicates / 300 - 0.3)).toBeLessThan(3.9 * Math.sqrt((0.3 * 0.7) / 300));
    expect((await day.end()).code).toBe(0);
    expect((await hosts.ping(50)).duplicates).toBe(0);
    expect(await hosts.queues(hosts.a)).toBe(before);
  });

  onTwoHosts('flips bits, which who receives them notices', async ({ hosts, begin }) => {
    const before = await hosts.queues(hosts.a);
    const day = begin('  - { inject: network-corrupt, target: a, with: { rate: 50% }, for: 8s }');
    await day.until('injection-in-force');
    const arrived = (await hosts.ping(300)).sequence.length;
    // A flipped bit in the sender's hardware address, six of 98 bytes, hurts nobody.
    expect(arrived).toBeGreaterThan(300 * 0.4);
    expect(arrived).toBeLessThan(300 * 0.65);
    expect((await day.end()).code).toBe(0);
    expect((await hosts.ping(50)).sequence).toHaveLength(50);
    expect(await hosts.queues(hosts.a)).toBe(before);
    const counts = (await hosts.at(hosts.b, 'cat', '/proc/net/snmp'))
      .split('\n')
      .filter((line) => line.startsWith('Icmp:'));
    const [names, values] = counts.map((line) => line.split(' '));
    expect(Number(values![names!.indexOf('InCsumErrors')])).toBeGreaterThan(0);
  });

  onTwoHosts('lets packets overtake each other', async ({ hosts, begin }) => {
    const before = await hosts.queues(hosts.a);
    const day = begin('  - { inject: network-reorder, target: a, with: { rate: 30%, latency: 100ms }, for: 6s }');
    await day.until('injection-in-force');
    const { sequence } = await hosts.ping(200);
    expect(sequence).toHaveLength(200);
    expect(overtakings(sequence)).toBeGreaterThan(10);
    expect((await day.end()).code).toBe(0);
    expect(overtakings((await hosts.ping(50)).sequence)).toBe(0);
    expect(await hosts.queues(hosts.a)).toBe(before);
  });

  onTwoHosts('and loss are lifted one without the other', async ({ hosts, begin }) => {
    const day = begin(`  - parallel:
      - { id: first, inject: network-delay, target: a, with: { latency: 150ms }, for: 2s }
      - { id: longer, inject: network-loss, target: a, with: { rate: 40%, direction: out }, for: 9s }
      - { id: brief, inject: network-loss, target: b, with: { rate: 40%, peers: [10.99.0.9] }, for: 2s }
      - { id: last, inject: network-delay, target: b, with: { latency: 150ms }, for: 9s }`);
    for (const step of ['longer', 'last']) await day.until('injection-in-force', step);
    for (const step of ['first', 'brief']) await day.until('injection-undone', step);
    expect(await hosts.queues(hosts.a)).not.toContain('netem');
    expect(await hosts.queues(hosts.b)).toContain('delay 150ms');
    const { sequence, timesMs } = await hosts.ping(100);
    expect(Math.min(...timesMs)).toBeGreaterThanOrEqual(149);
    expect(Math.abs(sequence.length / 100 - 0.6)).toBeLessThan(3.9 * Math.sqrt((0.6 * 0.4) / 100));
    await day.end();
    expect(await hosts.queues(hosts.b)).not.toContain('netem');
    expect((await hosts.ping(50)).sequence).toHaveLength(50);
  });

  onTwoHosts('leaves a queueing discipline alone that somebody else has put there', async ({ hosts, begin }) => {
    await hosts.at(hosts.a, 'tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'handle', '7:', 'netem', 'delay', '1ms');
    const before = await hosts.queues(hosts.a);
    const day = begin('  - { inject: network-delay, target: a, for: 1s }');
    expect((await day.end()).code).toBe(4);
    expect(before).toContain('netem 7: dev eth0 root');
    expect(await hosts.queues(hosts.a)).toBe(before);
  });

  describe.each(netemFaults.map(({ name }) => name))('in %s', (name) => {
    onTwoHosts('is gone when the runner was killed', async ({ hosts, begin }) => {
      const before = await hosts.queues(hosts.a);
      const day = begin(`  - { inject: ${name}, target: a, for: 60s }`);
      await day.until('injection-in-force');
      expect(await hosts.queues(hosts.a)).toContain('netem');
      await day.kill();
      expect(await day.untilClean()).toBe('');
      expect(await hosts.queues(hosts.a)).toBe(before);
      expect((await hosts.ping(3)).sequence).toEqual([1, 2, 3]);
    });
  });
});

it('every fault that works by netem is tested here', () => {
  expect(netemFaults.map(({ name }) => name).sort()).toEqual([
    'network-corrupt',
    'network-delay',
    'network-duplicate',
    'network-reorder',
  ]);
});
