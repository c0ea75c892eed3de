import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { faults } from '../../src/injectors/registry.ts';
import type { Report } from '../../src/model/report.ts';
import { needs } from '../support/needs.ts';
import { GameDayThere } from './support/second-kernel/game-day.ts';
import { pingsIn, TwoHostsThere } from './support/second-kernel/hosts.ts';
import { SecondMachine } from './support/second-kernel/machine.ts';
import { nested, overlapping } from './support/two-at-once.ts';

/*
 * What works by netem, in a kernel that has it: one machine for all, booted in an emulator by the first test. It is slow,
 * so what is timed in it is only ever too long.
 */

let booting: Promise<SecondMachine> | undefined;
const machine = (context: TestContext): Promise<SecondMachine> => {
  needs(context, 'emulator', 'a second kernel (.ci/second-kernel)');
  booting ??= SecondMachine.boot();
  return booting;
};
afterAll(async () => (await booting?.catch(() => undefined))?.end());

interface There {
  hosts: TwoHostsThere;
  /** Begins a game day on both. */
  begin(steps: string): GameDayThere;
  /** A game day in which a fault is on host a while the commands are run, one after another. @returns what those said */
  under(fault: string, ...commands: string[][]): Promise<{ said: string[]; report: Report }>;
}

/** Tests on two hosts of their own, so that they may run at the same time. */
const onTwoHosts = (name: string, test: (there: There) => Promise<void>) =>
  it(name, { timeout: 240_000 }, async (context) => {
    const second = await machine(context);
    const hosts = await TwoHostsThere.on(second);
    const begin = (steps: string) =>
      new GameDayThere(
        second,
        `version: 1
name: Netem
targets:
  a: { host: { namespace: ${hosts.a} } }
  b: { host: { namespace: ${hosts.b} } }
  both: { network: { nodes: { a: { namespace: ${hosts.a} }, b: { namespace: ${hosts.b} } } } }
timeline:
${steps}
`,
      );
    const under: There['under'] = async (fault, ...commands) => {
      const day = begin(`  - parallel:
      - { id: harm, inject: ${fault} }
      - after: { step: harm, event: started }
        sequence:
${commands.map((argv, place) => `          - { id: run-${place}, run: ${JSON.stringify(argv)} }`).join('\n')}`);
      const { code, stderr } = await day.end();
      expect(code, stderr).toBe(0);
      const report = await day.report();
      return { report, said: commands.map((_, place) => saidIn(report, `run-${place}`)) };
    };
    await test({ hosts, begin, under });
  });

const saidIn = (report: Report, step: string): string =>
  report.steps.find(({ id }) => id === step)!.result!.stdout.text;

const netemFaults = faults.filter(({ needs }) =>
  needs?.('host').some((one) => one.need === 'kernel' && one.feature === 'netem'),
);

it('a kernel that cannot load netem is told of before a run', { timeout: 120_000 }, async (context) => {
  const second = await machine(context);
  const loader = (path: string) => second.run('sh', '-c', `echo ${path} > /proc/sys/kernel/modprobe`);
  await loader('/nowhere');
  const { stdout } = await second.ask('node', '/chaos/bin/chaos.cjs', 'doctor');
  await loader('/sbin/modprobe');
  for (const { name } of netemFaults) expect(stdout).toMatch(new RegExp(`${name} +host +no +.*: modprobe sch_netem`));
});

describe.concurrent('netem', () => {
  onTwoHosts('delays what leaves, as ping sees it, and no longer', async ({ hosts, under }) => {
    const before = await hosts.queues(hosts.a);
    const {
      said: [queues, pings],
      report,
    } = await under(
      'network-delay, target: a, with: { latency: 200ms }',
      hosts.words(hosts.a, 'tc', 'qdisc', 'show'),
      hosts.pings(20, 0.05),
    );
    expect(queues).toMatch(/netem [0-9a-f]+: dev eth0 parent .*limit 100000 delay 200ms\s*$/m);
    const { timesMs } = pingsIn(pings!);
    expect(timesMs).toHaveLength(20);
    expect(Math.min(...timesMs)).toBeGreaterThanOrEqual(199);
    expect(Math.min(...timesMs)).toBeLessThan(300);
    const { effect } = report.injections[0]!;
    expect(effect).toMatchObject({ seen: 'seen', summary: expect.stringMatching(/packets left, each 200 ms late$/) });
    expect(effect.figures.packets).toBeGreaterThanOrEqual(20);
    expect(await hosts.queues(hosts.a)).toBe(before);
    expect(Math.min(...(await hosts.ping(5)).timesMs)).toBeLessThan(100);
  });

  onTwoHosts('lets delays differ by as much as was asked', async ({ hosts, under }) => {
    const { said } = await under(
      'network-delay, target: a, with: { latency: 200ms, jitter: 100ms, correlation: 25% }',
      hosts.words(hosts.a, 'tc', 'qdisc', 'show'),
      hosts.pings(60, 0.03),
    );
    expect(said[0]).toContain('delay 200ms  100ms 25%');
    const { timesMs } = pingsIn(said[1]!);
    expect(Math.min(...timesMs)).toBeGreaterThanOrEqual(99);
    expect(Math.min(...timesMs)).toBeLessThan(190);
    expect(Math.max(...timesMs)).toBeGreaterThan(220);
  });

  onTwoHosts('sends packets twice, at the rate that was asked for', async ({ hosts, under }) => {
    const before = await hosts.queues(hosts.a);
    const { said } = await under('network-duplicate, target: a, with: { rate: 30% }', hosts.pings(300));
    const { sequence, duplicates } = pingsIn(said[0]!);
    expect(sequence).toHaveLength(300);
    expectShare(duplicates / 300, 0.3, 300);
    expect(await hosts.queues(hosts.a)).toBe(before);
    expect((await hosts.ping(50)).duplicates).toBe(0);
  });

  onTwoHosts('flips bits, as the kernel that receives them counts', async ({ hosts, under }) => {
    const before = await hosts.queues(hosts.a);
    await under('network-corrupt, target: a, with: { rate: 50% }', hosts.datagrams(400));
    const { intact, wrong } = await hosts.datagramsReceived();
    // A few lie in the headers of Ethernet and IP, and are not counted or do no harm.
    expect(intact + wrong).toBeGreaterThan(300);
    expectShare(wrong / (intact + wrong), 0.48, intact + wrong);
    expect(await hosts.queues(hosts.a)).toBe(before);
    expect((await hosts.ping(50)).sequence).toHaveLength(50);
  });

  onTwoHosts('lets packets overtake each other', async ({ hosts, under }) => {
    const before = await hosts.queues(hosts.a);
    const { said } = await under('network-reorder, target: a, with: { rate: 30%, latency: 100ms }', hosts.pings(200));
    const { sequence } = pingsIn(said[0]!);
    expect(sequence).toHaveLength(200);
    expect(overtakings(sequence)).toBeGreaterThan(10);
    expect(await hosts.queues(hosts.a)).toBe(before);
    expect(overtakings((await hosts.ping(50)).sequence)).toBe(0);
  });

  onTwoHosts('and loss work together, and lifting one leaves the other', async ({ hosts, begin }) => {
    const ping = hosts.pings(100);
    const delay = 'network-delay, target: a, with: { latency: 150ms }';
    const loss = 'network-loss, target: a, with: { rate: 40%, direction: out }';
    const day = begin(nested('delay', delay, loss, ping) + nested('loss', loss, delay, ping));
    const { code, stderr } = await day.end();
    expect(code, stderr).toBe(0);
    const report = await day.report();
    const seen = (step: string) => pingsIn(saidIn(report, step));
    for (const both of [seen('delay-both'), seen('loss-both')]) {
      expectShare(both.sequence.length / 100, 0.6, 100);
      expect(Math.min(...both.timesMs)).toBeGreaterThanOrEqual(149);
    }
    expect(seen('delay-left').sequence).toHaveLength(100);
    expect(Math.min(...seen('delay-left').timesMs)).toBeGreaterThanOrEqual(149);
    expectShare(seen('loss-left').sequence.length / 100, 0.6, 100);
    expect(Math.min(...seen('loss-left').timesMs)).toBeLessThan(100);
  });

  onTwoHosts('and bandwidth work together, whichever began or ended first', async ({ hosts, begin }) => {
    const before = await hosts.queues(hosts.a);
    const delay = 'network-delay, target: a, with: { latency: 150ms }';
    const rate = 'network-bandwidth, target: a, with: { rate: 16kbit/s }';
    const twice = 'network-duplicate, target: a, with: { rate: 100% }';
    const look = ['sh', '-c', `${hosts.pings(12, 0.01, 500, 12).join(' ')}; ip netns exec ${hosts.a} tc qdisc show`];
    const day = begin(
      nested('lift-rate', delay, rate, look) +
        overlapping('to-delay', rate, delay, look) +
        overlapping('to-rate', delay, rate, look) +
        overlapping('to-twice', delay, twice, look),
    );
    const { code, stderr } = await day.end();
    expect(code, stderr).toBe(0);
    const report = await day.report();
    const seen = (step: string) => {
      const said = saidIn(report, step);
      const { duplicates, timesMs } = pingsIn(said);
      const isTwice = duplicates >= timesMs.length - 1; // it does not wait for the last
      const rate = /tbf [0-9a-f]+: dev eth0 root .*rate ([0-9]+[A-Z]bit)/.exec(said)?.[1];
      const delay = /netem [0-9a-f]+: dev eth0 parent .*delay ([0-9]+ms)/.exec(said)?.[1];
      return { isLate: Math.min(...timesMs) >= 149, wait: Math.max(...timesMs), isTwice, rate, delay };
    };
    for (const name of ['lift-rate', 'to-delay', 'to-rate']) {
      const both = seen(`${name}-both`);
      expect(both, name).toMatchObject({ isLate: true, rate: '16Kbit', delay: '150ms' });
      // The first 3,200 bytes are let ahead; the answers after those wait for up to 271 ms each.
      expect(both.wait, name).toBeGreaterThan(250);
    }
    for (const name of ['lift-rate', 'to-delay'])
      expect(seen(`${name}-left`), name).toMatchObject({ isLate: true, rate: '1Tbit', delay: '150ms' });
    expect(seen('to-rate-left')).toMatchObject({ rate: '16Kbit', delay: undefined });
    expect(seen('to-twice-both')).toMatchObject({ isLate: true, isTwice: true });
    expect(seen('to-twice-left')).toMatchObject({ isLate: false, isTwice: true });
    expect(await hosts.queues(hosts.a)).toBe(before);
  });

  onTwoHosts('leaves a queueing discipline alone that somebody else has put there', async ({ hosts, begin }) => {
    await hosts.at(hosts.a, 'tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'handle', '7:', 'netem', 'delay', '1ms');
    const before = await hosts.queues(hosts.a);
    const { code } = await begin('  - { inject: network-delay, target: a, for: 1s }').end();
    expect(code).toBe(4);
    expect(before).toContain('netem 7: dev eth0 root');
    expect(await hosts.queues(hosts.a)).toBe(before);
  });

  onTwoHosts('is gone when the runner was killed, whatever it did on whichever interface', async ({ hosts, begin }) => {
    const queues = async () => [await hosts.queues(hosts.a), await hosts.queues(hosts.b)];
    const before = await queues();
    const places = [
      'target: a',
      'target: b',
      'target: a, with: { interface: lo }',
      'target: b, with: { interface: lo }',
    ];
    const steps = netemFaults.map(({ name }, place) => `      - { id: ${name}, inject: ${name}, ${places[place]} }`);
    steps.push('      - { id: rate, inject: network-bandwidth, target: a }'); // beside one of them
    const day = begin(`  - parallel:\n${steps.join('\n')}\n      - pause: 200s`);
    for (const name of ['rate', ...netemFaults.map((one) => one.name)]) await day.until('injection-in-force', name);
    expect((await queues()).join().match(/netem/g)).toHaveLength(netemFaults.length);
    await day.kill();
    expect(await day.untilClean()).toBe('');
    expect(await queues()).toEqual(before);
    expect((await hosts.ping(3)).sequence).toEqual([1, 2, 3]);
  });
});

describe.concurrent('netem in a network', () => {
  onTwoHosts('does to what goes between its sides what was asked for, both ways, and no longer', async (there) => {
    const { hosts, begin } = there;
    const queues = async () => [await hosts.queues(hosts.a), await hosts.queues(hosts.b)];
    const before = await queues();
    const under = (name: string, settings: string, command: string[]): string => `  - parallel:
      - { id: ${name}-harm, inject: network-${name}, target: both, with: { sides: [[a], [b]]${settings} } }
      - { id: ${name}, after: { step: ${name}-harm, event: started }, run: ${JSON.stringify(command)} }
`;
    const day = begin(
      under('delay', ', latency: 150ms', hosts.pings(10, 0.05)) +
        under('duplicate', ', rate: 100%', hosts.pings(10)) +
        under('reorder', ', rate: 30%, latency: 100ms', hosts.pings(100)) +
        under('corrupt', ', rate: 50%', hosts.datagrams(200)),
    );
    const { code, stderr } = await day.end();
    expect(code, stderr).toBe(0);
    const report = await day.report();
    const seen = (step: string) => pingsIn(saidIn(report, step));
    expect(seen('delay').timesMs).toHaveLength(10);
    expect(Math.min(...seen('delay').timesMs)).toBeGreaterThanOrEqual(298);
    // Two questions for each, two answers to each of those; ping does not wait for the last three.
    expect(seen('duplicate').duplicates).toBeGreaterThanOrEqual(27);
    expect(seen('reorder').sequence).toHaveLength(100);
    expect(overtakings(seen('reorder').sequence)).toBeGreaterThan(5);
    const { intact, wrong } = await hosts.datagramsReceived();
    expectShare(wrong / (intact + wrong), 0.48, intact + wrong);
    for (const injection of report.injections)
      expect(injection, injection.fault).toMatchObject({ gone: true, effect: { seen: 'seen' } });
    expect(await queues()).toEqual(before);
    expect(Math.min(...(await hosts.ping(5)).timesMs)).toBeLessThan(150);
  });

  onTwoHosts('is gone on every host when the runner was killed', async ({ hosts, begin }) => {
    const queues = async () => [await hosts.queues(hosts.a), await hosts.queues(hosts.b)];
    const before = await queues();
    const names = netemFaults.map(({ name }) => name).filter((name) => name !== 'network-reorder'); // that is a delay
    const day = begin(`  - parallel:
${names.map((name) => `      - { id: ${name}, inject: ${name}, target: both }`).join('\n')}
      - pause: 200s`);
    for (const name of names) await day.until('injection-in-force', name);
    for (const those of await queues()) expect(those.match(/netem/g)).toHaveLength(1);
    await day.kill();
    expect(await day.untilClean()).toBe('');
    expect(await queues()).toEqual(before);
  });
});

describe('netem on a process with a network of its own', () => {
  /** Without a readiness probe, and so without a process that asks: in an emulator each takes seconds to start. */
  const begin = (second: SecondMachine, port: number, steps: string) =>
    new GameDayThere(
      second,
      `version: 1
name: Netem
targets:
  echo:
    process:
      command: [node, -e, "require('net').createServer((s) => s.pipe(s)).listen(${port}, '127.0.0.1')"]
      isolate: { network: { publish: [${port}] } }
timeline:
${steps}
`,
      65_534,
    );

  it('delays what it says and hears, without root, and no longer', { timeout: 120_000 }, async (context) => {
    const second = await machine(context);
    const ask = JSON.stringify(['node', '-e', askForEcho, '17001']);
    const steps = `  - { id: before, run: ${ask} }
  - parallel:
      - { id: harm, inject: network-delay, target: echo, with: { latency: 400ms } }
      - { id: slow, after: { step: harm, event: started }, run: ${ask} }
  - { id: after, run: ${ask} }`;
    const day = begin(second, 17_001, steps);
    const { code, stderr } = await day.end();
    expect(code, stderr).toBe(0);
    const report = await day.report();
    // The way there and back of the connection, and of what is said on it.
    expect(Number(saidIn(report, 'slow'))).toBeGreaterThanOrEqual(1599);
    expect(Number(saidIn(report, 'after'))).toBeLessThan(1500);
    expect(report.injections[0]).toMatchObject({ gone: true, effect: { seen: 'seen' } });
  });

  it('is gone when the runner was killed, and the process with it', { timeout: 120_000 }, async (context) => {
    const second = await machine(context);
    const day = begin(second, 17_002, '  - { id: harm, inject: network-reorder, target: echo, for: 60s }');
    await day.until('injection-in-force', 'harm');
    await day.kill();
    expect(await day.untilClean()).toBe('');
  });
});

/** Says something and waits for the echo, from anew until somebody listens. Prints after how many milliseconds it came. */
const askForEcho = `(function ask() {
  const began = performance.now();
  require('net').connect(process.argv[1], '127.0.0.1', function () { this.write('x'); })
    .once('data', function () { console.log(performance.now() - began); this.end(); })
    .on('error', () => setTimeout(ask, 50));
})()`;

it('every fault that works by netem is tested here', () => {
  expect(netemFaults.map(({ name }) => name).sort()).toEqual([
    'network-corrupt',
    'network-delay',
    'network-duplicate',
    'network-reorder',
  ]);
});

/** Within the 99.99 % binomial interval of so many draws. */
const expectShare = (seen: number, asked: number, draws: number): void =>
  expect(Math.abs(seen - asked), `${seen}`).toBeLessThan(3.9 * Math.sqrt((asked * (1 - asked)) / draws));

/** How often an answer came before one to an earlier question. */
const overtakings = (sequence: number[]): number =>
  sequence.filter((number, place) => place > 0 && number < sequence[place - 1]!).length;
