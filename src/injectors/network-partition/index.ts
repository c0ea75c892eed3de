import { defineFault } from '../../model/fault.ts';
import { choice } from '../../model/field.ts';
import { ofThoseDrawn } from '../links.ts';
import {
  packetNeeds,
  refusePackets,
  refuseWay,
  refuseWholeMachine,
  rulesBegun,
  rulesElsewhere,
  rulesEnded,
  rulesMechanism,
  throughRules,
  wayOnHost,
  whichPackets,
  whichWay,
} from '../packets.ts';
import { proxyBegun, proxyEnded, throughProxy, wayOnLink } from '../through-proxy.ts';
import { linkPartitionEffect, partitionEffect } from './effect.ts';

/** A host cannot reach others. */
export const networkPartition = defineFault({
  name: 'network-partition',
  summary: 'A host and its peers no longer reach each other, in one direction or both',
  description: `On a proxied link, nothing passes: what is sent waits and goes on when it is lifted, and whoever connects meets
silence. With \`mode: reject\`, connections are reset, and so is whoever connects anew. On a link with
\`protocol: udp\` what is sent is lost, and nobody can be told.

On a host, the kernel drops every packet to and from the peers that are meant (\`nft\`, in a table of this injection's own).
Connections stay open and nobody is told, so only time limits help; when it is lifted, what was sent meanwhile arrives, if
its sender still tries. With \`mode: reject\` senders are told at once instead, a TCP connection by a reset, as by a firewall.

${rulesElsewhere}

With one \`direction\` the partition is asymmetric, which many cluster protocols take worse than a whole one: a host still
hears everybody, and nobody hears it.

Where the rules have a planned end the kernel ends them by itself ten seconds after it, even if every process of ours is
gone.`,
  targets: ['proxy', 'host', 'process', 'network'],
  mechanism(on) {
    if (on === 'proxy') return { by: 'the fault proxy', cannot: 'connections are still accepted, by the proxy' };
    return rulesMechanism(on);
  },
  needs: packetNeeds,
  parameters: {
    mode: choice(['drop', 'reject'])({
      description: '`drop`: packets vanish. `reject`: their sender is told at once.',
      default: 'drop',
    }),
    ...whichWay('both'),
    ...whichPackets,
  },
  held: true,
  refuses: (target, { mode, ...which }) =>
    refusePackets(target, which) ??
    refuseWay(target, which) ??
    refuseWholeMachine(target, which) ??
    (target.kind === 'proxy' && target.protocol === 'udp' && mode === 'reject'
      ? 'the sender of a datagram cannot be told: leave out "mode: reject"'
      : undefined),
  inject({ mode, direction, share, peers = [], ports = [], sides }, { id, seed, target }) {
    if (!target) throw new Error('network-partition needs a target');
    if (target.kind === 'proxy')
      return throughProxy(
        target,
        mode === 'reject'
          ? { id, kind: 'reset', settings: { share, seed } }
          : { id, kind: 'blackhole', settings: { direction: wayOnLink[direction], share, seed } },
      );
    const rules = { direction: wayOnHost[direction], peers, ports, sides, share: 1 };
    return throughRules(target, { ...rules, drawnFor: 'packet', verdict: mode });
  },
  observe: {
    inForce: (sight) =>
      sight.on === 'proxy' ? proxyBegun(sight, 'what it does shows as somebody tries to cross it') : rulesBegun(sight),
    total: async (sight, { mode }) =>
      sight.on === 'proxy'
        ? ofThoseDrawn(await sight.proxy(), (counters) => linkPartitionEffect(counters, mode))
        : partitionEffect(await sight.packets(), mode),
    gone: (sight) => (sight.on === 'proxy' ? proxyEnded(sight) : rulesEnded(sight)),
  },
  examples: [
    {
      title: 'The database cannot be reached, and nobody says so',
      step: { inject: 'network-partition', target: 'database-link', for: '10s' },
    },
    {
      title: 'The database is on the other side of a partition',
      step: { inject: 'network-partition', target: 'machine', with: { peers: ['10.0.0.5'] }, for: '20s' },
    },
    {
      title: 'One service no longer reaches its database: no root is needed',
      step: { inject: 'network-partition', target: 'orders', with: { ports: [5432], mode: 'reject' }, for: '10s' },
    },
    {
      title: 'The leader is alone on its side',
      step: { inject: 'network-partition', target: 'cluster', with: { sides: [['a'], ['b', 'c']] }, for: '20s' },
    },
    {
      title: 'A replica hears the others, and none of them hears it',
      step: {
        inject: 'network-partition',
        target: 'replica',
        with: { peers: ['10.0.0.0/24'], direction: 'out' },
        for: '30s',
      },
    },
  ],
});
