import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { nested, overlapping } from './support/two-at-once.ts';
import { TwoHosts } from './support/two-hosts.ts';

const scenario = ({ a, b }: TwoHosts, steps: string): string => `version: 1
name: Packets
targets:
  a: { host: { namespace: ${a} } }
  b: { host: { namespace: ${b} } }
timeline:
${steps}
`;

/** Tests on a network of their own, so that they may run at the same time. */
const onTwoHosts = (name: string, test: (hosts: TwoHosts) => Promise<void>) =>
  it(name, { timeout: 60_000 }, async (context) => {
    needs(context, 'root', 'ip', 'nft');
    const hosts = new TwoHosts();
    try {
      await test(hosts);
    } finally {
      hosts.remove();
    }
  });

describe.concurrent('packets', () => {
  onTwoHosts('are lost at the rate that was asked for, as ping sees it, and no longer', async (hosts) => {
    const day = new GameDay(
      scenario(
        hosts,
        `  - parallel:
      - { id: loss, inject: network-loss, target: a, with: { rate: 30%, peers: [10.99.0.2] } }
      - id: ping
        after: { step: loss, event: started }
        run: [ip, netns, exec, ${hosts.b}, ping, -q, -c, "2000", -i, "0.001", -W, "1", 10.99.0.1]`,
      ),
    );
    expect(await day.end(), day.stderr).toBe(0);
    const { injections, steps } = day.report();
    const { rate } = injections[0]!.effect.figures as { rate: number };
    const seen = Number(/([0-9.]+)% packet loss/.exec(steps.find(({ id }) => id === 'ping')!.result!.stdout.text)![1]);
    // The 99.99 % binomial interval of 2,000 draws.
    for (const share of [rate, seen / 100]) {
      expect(share).toBeGreaterThan(0.3 - 3.9 * Math.sqrt((0.3 * 0.7) / 2000));
      expect(share).toBeLessThan(0.3 + 3.9 * Math.sqrt((0.3 * 0.7) / 2000));
    }
    expect(await hosts.ping(hosts.b, 20)).toBe(20);
    expect(await hosts.rules(hosts.a)).toBe('');
  });

  onTwoHosts('stop at a partition, and rules that were there before are there afterwards', async (hosts) => {
    await hosts.on(
      hosts.a,
      'nft',
      'add table inet theirs; add chain inet theirs input { type filter hook input priority 0; }',
    );
    const before = await hosts.rules(hosts.a);
    const day = new GameDay(scenario(hosts, '  - { inject: network-partition, target: a, for: 1500ms }'));
    await day.until('injection-in-force');
    expect(await hosts.ping(hosts.b, 3)).toBe(0);
    expect(await day.end(), day.stderr).toBe(0);
    expect(await hosts.ping(hosts.b, 3)).toBe(3);
    expect(await hosts.rules(hosts.a)).toBe(before);
  });

  onTwoHosts('of two faults on one host: lifting one leaves the other', async (hosts) => {
    const day = new GameDay(
      scenario(
        hosts,
        `  - parallel:
      - { id: short, inject: network-loss, target: a, with: { rate: 50% }, for: 500ms }
      - { id: long, inject: network-partition, target: a, with: { mode: reject, ports: [9], direction: in }, for: 2500ms }
      - { id: ask, at: 600ms, run: { command: [ip, netns, exec, ${hosts.b}, ${process.execPath}, -e, "require('net').connect(9,'10.99.0.1').on('error',e=>console.log(e.code))"], expect: { stdout: ECONNREFUSED } } }`,
      ),
    );
    await day.until('injection-undone', ({ step }) => step === 'short');
    expect(await hosts.ping(hosts.b, 50)).toBe(50);
    expect(await hosts.rules(hosts.a)).toContain('reject with tcp reset');
    await day.end();
    const long = day.report().injections.find(({ step }) => step === 'long')!;
    expect(long.effect, day.stderr).toMatchObject({ seen: 'seen', figures: { packets: 1 } });
    expect(await hosts.rules(hosts.a)).toBe('');
  });

  onTwoHosts('are refused in both directions, and their senders told', async (hosts) => {
    const talk = await hosts.conversations(3, 7000);
    const day = new GameDay(
      scenario(hosts, '  - { inject: network-partition, target: a, with: { mode: reject }, for: 60s }'),
    );
    await day.until('injection-in-force');
    expect(await talk.say()).toEqual(Array(3).fill('ECONNRESET'));
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    talk.end();
  });

  onTwoHosts('break some of the connections that they belong to, until the runner is killed', async (hosts) => {
    const talk = await hosts.conversations(40, 7000);
    const day = new GameDay(
      scenario(hosts, '  - { inject: connection-reset, target: a, with: { share: 50%, ports: [7000] }, for: 60s }'),
    );
    await day.until('injection-in-force');
    expect(new Set(await talk.say())).toEqual(new Set(['answered', 'ECONNRESET']));
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await hosts.rules(hosts.a)).toBe('');
    talk.end();
    const anew = await hosts.conversations(40, 7001);
    expect(new Set(await anew.say())).toEqual(new Set(['answered']));
    anew.end();
  });

  onTwoHosts('count the connections that a reset has broken', async (hosts) => {
    const talk = await hosts.conversations(5, 7000);
    const day = new GameDay(scenario(hosts, '  - { inject: connection-reset, target: a, for: 1s }'));
    await day.until('injection-in-force');
    expect(await talk.say()).toEqual(Array(5).fill('ECONNRESET'));
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]!.effect.figures.resets).toBeGreaterThanOrEqual(5);
    expect(await hosts.rules(hosts.a)).toBe('');
    talk.end();
  });

  onTwoHosts('flow again when the runner is killed', async (hosts) => {
    const day = new GameDay(scenario(hosts, '  - { inject: network-partition, target: a, for: 60s }'));
    await day.until('injection-in-force');
    expect(await hosts.ping(hosts.b, 2)).toBe(0);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await hosts.ping(hosts.b, 3)).toBe(3);
    expect(await hosts.rules(hosts.a)).toBe('');
  });

  onTwoHosts('flow again by the kernel itself when runner and guardian are killed together', async (hosts) => {
    const day = new GameDay(scenario(hosts, '  - { inject: network-partition, target: a, for: 1s }'));
    const guardian = await day.helper('chaos-guardian');
    await day.until('injection-in-force');
    process.kill(day.pid, 'SIGSTOP'); // so that it starts no other
    process.kill(guardian, 'SIGKILL');
    day.signal('SIGKILL');
    expect(await hosts.ping(hosts.b, 2)).toBe(0);
    await delay(11_500);
    expect(await hosts.ping(hosts.b, 10)).toBeGreaterThan(0);
  });

  onTwoHosts('leave no faster than the bandwidth allows, as their receiver sees it', async (hosts) => {
    const day = new GameDay(
      scenario(hosts, '  - { inject: network-bandwidth, target: a, with: { rate: 8Mbit/s }, for: 3s }'),
    );
    await day.until('injection-in-force');
    const perSecond = await hosts.bytesPerSecond(2);
    expect(await day.end(), day.stderr).toBe(0);
    // Headers and acknowledgements take their share of the million bytes a second; the bucket lets a little ahead.
    expect(perSecond).toBeGreaterThan(800_000);
    expect(perSecond).toBeLessThan(1_050_000);
    expect(await hosts.bytesPerSecond(0.5)).toBeGreaterThan(5_000_000);
    expect(await hosts.on(hosts.a, 'tc', 'qdisc')).not.toContain('tbf');
  });

  onTwoHosts('leave freely again when the runner is killed', async (hosts) => {
    const before = await hosts.on(hosts.a, 'tc', 'qdisc');
    const day = new GameDay(scenario(hosts, '  - { inject: network-bandwidth, target: a, for: 60s }'));
    await day.until('injection-in-force');
    expect(await hosts.on(hosts.a, 'tc', 'qdisc')).toContain('tbf');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await hosts.on(hosts.a, 'tc', 'qdisc')).toBe(before);
  });

  onTwoHosts(
    'obey the lower of two bandwidths, and the other when one is lifted, whichever began first',
    async (hosts) => {
      const look = ['ip', 'netns', 'exec', hosts.a, 'tc', 'qdisc'];
      const wide = `network-bandwidth, target: a, with: { rate: 8Mbit/s, interface: ${hosts.device(hosts.a)} }`;
      const narrow = 'network-bandwidth, target: a, with: { rate: 2Mbit/s }';
      const before = await hosts.on(hosts.a, 'tc', 'qdisc');
      const steps = [
        ...[nested('wide', wide, narrow, look), nested('narrow', narrow, wide, look)],
        ...[overlapping('to-wide', narrow, wide, look), overlapping('to-narrow', wide, narrow, look)],
      ];
      const day = new GameDay(scenario(hosts, steps.join('')));
      expect(await day.end(), day.stderr).toBe(4); // nothing was sent
      const rateIn = (step: string) => {
        const { result } = day.report().steps.find(({ id }) => id === step)!;
        return /tbf .* rate ([0-9]+Mbit)/.exec(result!.stdout.text)?.[1];
      };
      for (const name of ['wide', 'narrow', 'to-wide', 'to-narrow']) {
        expect(rateIn(`${name}-both`), name).toBe('2Mbit');
        expect(rateIn(`${name}-left`), name).toBe(name.endsWith('wide') ? '8Mbit' : '2Mbit');
      }
      expect(await hosts.on(hosts.a, 'tc', 'qdisc')).toBe(before);
    },
  );

  onTwoHosts('are free again when the runner is killed under two bandwidths at once', async (hosts) => {
    const before = await hosts.on(hosts.a, 'tc', 'qdisc');
    const limit = 'inject: network-bandwidth, target: a';
    const day = new GameDay(
      scenario(
        hosts,
        `  - parallel:\n      - { id: one, ${limit}, for: 60s }\n      - { id: two, ${limit}, with: { rate: 2Mbit/s }, for: 60s }`,
      ),
    );
    for (const id of ['one', 'two']) await day.until('injection-in-force', ({ step }) => step === id);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await hosts.on(hosts.a, 'tc', 'qdisc')).toBe(before);
  });

  onTwoHosts('are not touched where somebody else has put a queueing discipline', async (hosts) => {
    await hosts.on(hosts.a, 'tc', 'qdisc', 'add', 'dev', hosts.device(hosts.a), 'root', 'handle', '7:', 'pfifo');
    const before = await hosts.on(hosts.a, 'tc', 'qdisc');
    const day = new GameDay(scenario(hosts, '  - { inject: network-bandwidth, target: a, for: 1s }'));
    expect(await day.end(), day.stderr).toBe(4);
    expect(await hosts.on(hosts.a, 'tc', 'qdisc')).toBe(before);
  });

  onTwoHosts('that nobody sent prove nothing', async (hosts) => {
    const day = new GameDay(
      scenario(hosts, '  - { inject: network-loss, target: a, with: { ports: [9] }, for: 200ms }'),
    );
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.report().reasons.join()).toContain('no packet passed while it was in force');
  });
});
