import { describe, it } from 'vitest';
import { chaos } from '../support/chaos.ts';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { TwoHosts } from './support/two-hosts.ts';

/** On `this machine`, which is a network namespace with a cable to another host. */
const scenario = (step: string, { allow = '', probe = '' } = {}): string => `version: 1
name: Lock-out
targets: { machine: { host: local } }
${probe === '' ? '' : `steadyState:\n  - { id: asks, ${probe}, every: 100ms }\nbaseline: 200ms`}
safety: { allow: [${allow}] }
timeline:
  - { id: harm, target: machine, ${step}, for: 300ms }
`;

const viaTheOther = ['-n', 'route', 'add', 'default', 'via', '10.99.0.2'];

/** What is refused, for which reason, and what allows it. */
const refused: [
  why: string,
  step: string,
  allow: string,
  options?: { env?: Record<string, string>; probe?: string },
][] = [
  ['carries the default route of this machine', 'inject: network-bandwidth, with: { rate: 1Mbit/s }', 'default-route'],
  ['would cut everything off', 'inject: network-partition, with: { peers: ["0.0.0.0/0"] }', 'default-route'],
  [
    'would cut the SSH session from 10.99.0.2',
    'inject: network-partition, with: { peers: [10.99.0.0/24] }',
    'ssh-session',
    { env: { SSH_CONNECTION: '10.99.0.2 54321 10.99.0.1 22' } },
  ],
  [
    'would cut the SSH session from 10.99.0.2',
    'inject: network-loss, with: { rate: 90%, ports: [22] }',
    'ssh-session',
    { env: { SSH_CONNECTION: '10.99.0.2 54321 10.99.0.1 22' } },
  ],
  [
    'would cut the probe asks off from 127.0.0.1:9',
    'inject: connection-reset, with: { peers: [127.0.0.1], ports: [9] }',
    'probes',
    { probe: 'http: "http://127.0.0.1:9/"' },
  ],
];

describe.concurrent('a fault that would lock somebody out', { timeout: 60_000 }, () => {
  it.for(refused)('is refused, because it %s, unless %s', async ([why, step, allow, about = {}], context) => {
    needs(context, 'root', 'ip', 'nft');
    const hosts = new TwoHosts();
    try {
      await hosts.on(hosts.a, 'ip', ...viaTheOther.slice(1));
      const { env = {}, probe = '' } = about;
      const within = ['ip', 'netns', 'exec', hosts.a];
      const day = new GameDay(scenario(step, { probe }), { env, within });
      context.expect(await day.end(), day.stderr).toBe(4);
      const { verdict, reasons, injections } = day.report();
      context.expect(verdict).toBe('inconclusive');
      context.expect(reasons.join()).toContain(why);
      context.expect(reasons.join()).toContain(`safety: { allow: [${allow}] }`);
      context.expect(injections[0]!.state).toBe('not-begun');
      const allowed = new GameDay(scenario(step, { probe, allow }), { env, within });
      await allowed.end();
      context.expect(allowed.report().reasons.join()).not.toContain(why);
    } finally {
      hosts.remove();
    }
  });

  it('is left alone where it harms another network than ours', async (context) => {
    needs(context, 'root', 'ip', 'nft');
    const hosts = new TwoHosts();
    try {
      await hosts.on(hosts.a, 'ip', ...viaTheOther.slice(1));
      const step = 'inject: network-bandwidth, with: { rate: 1Mbit/s }';
      const day = new GameDay(scenario(step).replace('host: local', `host: { namespace: ${hosts.a} }`));
      await day.end();
      context.expect(day.report().injections[0]!.state).toBe('undone');
    } finally {
      hosts.remove();
    }
  });

  it('is told by the plan, which then does not look as if it could be run', async (context) => {
    const day = new GameDay(filling('leave: 1000MiB, floor: 0B'));
    context.expect(await day.end()).toBe(4);
    const { exitCode, stdout, stderr } = await chaos(['plan', `${day.place}/game-day.yaml`]);
    context.expect(exitCode).toBe(4);
    context.expect(stdout).toContain('disk-fill');
    context.expect(stderr).toContain('less than 1GiB on the root file system');
    context.expect(stderr).toContain('allow: [root-filesystem]');
  });
});

/** On the root file system: nothing may come of it. */
const filling = (parameters: string): string => `version: 1
name: Fills up
targets: { disk: { directory: / } }
timeline:
  - { inject: disk-fill, target: disk, with: { ${parameters} }, for: 100ms }
`;
