import { describe, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { TwoHosts } from './support/two-hosts.ts';

/** Starts the run as a user who may do by `sudo` what that line of sudoers says, on a machine that is else as it was. */
const asUser = (sudoers: string): string[] => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount -t tmpfs -o mode=755 tmpfs /etc/sudoers.d
printf '%s\\n' '${sudoers}' > /etc/sudoers.d/test && chmod 440 /etc/sudoers.d/test
chown 65534 "$XDG_STATE_HOME" "$TMPDIR"
# It may read this clone, wherever it lies.
exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +dac_override --ambient-caps +dac_override "$@"`,
  'sh',
];

const scenario = ({ a }: TwoHosts, step: string, time: string): string => `version: 1
name: By sudo
targets: { a: { host: { namespace: ${a} } } }
timeline:
  - { id: harm, target: a, ${step}, for: ${time} }
`;

const steps = [
  'inject: network-loss, with: { rate: 100%, peers: [10.99.0.2] }',
  'inject: network-bandwidth, with: { rate: 1Mbit/s }',
];

const onTwoHosts = async (
  context: Parameters<typeof needs>[0],
  test: (hosts: TwoHosts) => Promise<void>,
): Promise<void> => {
  needs(context, 'root', 'ip', 'nft', 'mount', 'sudo');
  const hosts = new TwoHosts();
  try {
    await test(hosts);
  } finally {
    hosts.remove();
  }
};

const all = 'nobody ALL=(root) NOPASSWD: ALL';

describe.concurrent('a user who may sudo without a password', { timeout: 60_000 }, () => {
  it.for(steps)('can %s, and everything is undone', async (step, context) => {
    await onTwoHosts(context, async (hosts) => {
      const before = [await hosts.rules(hosts.a), await hosts.on(hosts.a, 'tc', 'qdisc')];
      const day = new GameDay(scenario(hosts, step, '1s'), { within: asUser(all) });
      await day.until('injection-in-force');
      context.expect([await hosts.rules(hosts.a), await hosts.on(hosts.a, 'tc', 'qdisc')]).not.toEqual(before);
      await day.end();
      context.expect(day.report().injections[0], day.stderr).toMatchObject({ state: 'undone', gone: true });
      context.expect(day.report().residue).toMatchObject({ residue: [], unseen: [] });
      context.expect([await hosts.rules(hosts.a), await hosts.on(hosts.a, 'tc', 'qdisc')]).toEqual(before);
    });
  });

  it.for(steps)('has a guardian that may, too: %s', async (step, context) => {
    await onTwoHosts(context, async (hosts) => {
      const before = [await hosts.rules(hosts.a), await hosts.on(hosts.a, 'tc', 'qdisc')];
      const day = new GameDay(scenario(hosts, step, '60s'), { within: asUser(all) });
      await day.until('injection-in-force');
      day.signal('SIGKILL');
      context.expect(await day.untilClean()).toEqual([]);
      context.expect([await hosts.rules(hosts.a), await hosts.on(hosts.a, 'tc', 'qdisc')]).toEqual(before);
    });
  });

  it.for(['', 'nobody ALL=(root) NOPASSWD: /usr/bin/true', 'nobody ALL=(root) ALL'])(
    'for it, and not only with one (%j), is told what to grant before anything is touched',
    async (sudoers, context) => {
      await onTwoHosts(context, async (hosts) => {
        const day = new GameDay(scenario(hosts, steps[0]!, '1s'), { within: asUser(sudoers) });
        context.expect(await day.end(), day.stderr).toBe(4);
        context.expect(day.stderr).toContain('let sudo run nft and ip without a password (NOPASSWD in sudoers)');
        context.expect(day.report().injections[0]!.state).toBe('not-begun');
      });
    },
  );
});
