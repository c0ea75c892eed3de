import { defineFault } from '../../model/fault.ts';
import { choice, duration, share } from '../../model/field.ts';
import {
  packetNeeds,
  refusePackets,
  rulesBegun,
  rulesElsewhere,
  rulesEnded,
  rulesMechanism,
  throughRules,
  whichPackets,
} from '../packets.ts';
import { proxyBegun, proxyEnded, throughProxy, wayOnLink } from '../through-proxy.ts';
import { lossEffect, stallEffect } from './effect.ts';

/** Packets vanish. */
export const networkLoss = defineFault({
  name: 'network-loss',
  summary: 'Packets vanish, each by chance, as on a bad or overloaded line',
  description: `On a proxied link there are no packets to lose: TCP sends them again until they arrive. What it does to a stream is that it
stalls, and that is what is done: each segment of 1,448 bytes is lost by chance, and what comes with it and after it waits
until it would have been sent again: one \`roundTrip\` where three more segments follow (fast retransmit, RFC 5681), else a
timeout of 200 ms or two round trips, whichever is longer, doubled each time the same segment is lost again (RFC 6298).

On a host, the kernel drops the share \`rate\` of the packets that are meant, each drawn by itself (\`nft\`, in a table of this
injection's own). TCP notices and sends again, ever later; UDP has lost them. A local sender may be told of what is dropped
on its way out, which a real line would not do.

${rulesElsewhere}

Where the rules have a planned end the kernel ends them by itself ten seconds after it, even if every process of ours is
gone.`,
  targets: ['proxy', 'host', 'process', 'network'],
  mechanism(on) {
    if (on === 'proxy')
      return { by: 'the fault proxy', cannot: 'no packet is lost: connections stall, as TCP does when it sends again' };
    return rulesMechanism(
      on,
      on === 'host' ? 'a local sender may be told of what is dropped on its way out' : undefined,
    );
  },
  needs: packetNeeds,
  parameters: {
    rate: share({
      description: 'The share of packets that vanishes.',
      drawn: ['5%', '30%'],
      examples: ['10%'],
    }),
    direction: choice(['in', 'out', 'both'])({
      description: 'Packets that come in, that go out, or both. A packet from the host to itself is judged once.',
      default: 'in',
    }),
    roundTrip: duration({
      description: 'On a proxied link: how long a round trip takes, and so how long a stall at least.',
      default: '50ms',
      examples: ['150ms'],
    }),
    ...whichPackets,
  },
  held: true,
  refuses: refusePackets,
  inject({ rate, direction, roundTrip, peers = [], ports = [], sides }, { id, target }) {
    if (!target) throw new Error('network-loss needs a target');
    if (target.kind === 'proxy') {
      const settings = { rate, roundTripMs: roundTrip, direction: wayOnLink[direction], seed: id };
      return throughProxy(target, { id, kind: 'loss', settings });
    }
    return throughRules(target, { direction, peers, ports, sides, share: rate, drawnFor: 'packet', verdict: 'drop' });
  },
  observe: {
    inForce: (sight) =>
      sight.on === 'proxy' ? proxyBegun(sight, 'what it does shows as bytes pass') : rulesBegun(sight),
    total: async (sight, { rate }) =>
      sight.on === 'proxy' ? stallEffect(await sight.proxy(), rate) : lossEffect(await sight.packets(), rate),
    gone: (sight) => (sight.on === 'proxy' ? proxyEnded(sight) : rulesEnded(sight)),
  },
  examples: [
    {
      title: 'The line to the database stalls now and then',
      step: { inject: 'network-loss', target: 'database-link', with: { rate: '5%', roundTrip: '80ms' }, for: '30s' },
    },
    {
      title: 'A tenth of what the database sends is lost',
      step: { inject: 'network-loss', target: 'machine', with: { peers: ['10.0.0.5'], ports: [5432] }, for: '30s' },
    },
    {
      title: 'The database is far away from one service: no root is needed',
      step: { inject: 'network-loss', target: 'orders', with: { rate: '10%', ports: [5432] }, for: '30s' },
    },
    {
      title: 'The line between two data centres is overloaded',
      step: {
        inject: 'network-loss',
        target: 'cluster',
        with: { rate: '5%', direction: 'both', sides: [['a'], ['b', 'c']] },
        for: '30s',
      },
    },
    {
      title: 'The radio link is bad in both directions',
      step: { inject: 'network-loss', target: 'machine', with: { rate: '30%', direction: 'both' }, for: '10s' },
    },
  ],
});
