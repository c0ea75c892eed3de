import { defineFault } from '../../model/fault.ts';
import { choice, duration, share } from '../../model/field.ts';
import { ofThoseDrawn } from '../links.ts';
import { netemMechanism, netemNeeds } from '../netem.ts';
import {
  packetNeeds,
  refusePackets,
  refuseWay,
  rulesBegun,
  rulesElsewhere,
  rulesEnded,
  rulesMechanism,
  throughRules,
  wayOnHost,
  whichPackets,
  whichWay,
} from '../packets.ts';
import { queueBegun, queueEnded, refuseQueue, throughQueue, whatLeaves } from '../queue.ts';
import { proxyBegun, proxyEnded, throughProxy, wayOnLink } from '../through-proxy.ts';
import { linkLossEffect, lossEffect, lostInQueue } from './effect.ts';

/** Packets vanish. */
export const networkLoss = defineFault({
  name: 'network-loss',
  summary: 'Packets vanish, each by chance, as on a bad or overloaded line',
  description: `On a proxied link there are no packets to lose: TCP sends them again until they arrive. What loss does to a stream is that it
stalls and is slow, and that is what is done, as a sender with the congestion control of RFC 5681 would do it: each segment of
1,448 bytes is lost by chance, and what comes behind it waits until it would have been sent again, one \`roundTrip\` where three
more segments follow (fast retransmit), else a timeout of 200 ms or two round trips, whichever is longer, doubled each time
the same segment is lost again (RFC 6298). No more than a window passes in a \`roundTrip\`: ten segments first (RFC 6928), twice
as many in each round trip until the first loss, then one more in each; a loss halves it, a timeout begins again with one
segment. So a message that meets no loss is not held back, and bulk passes at about 1,448 bytes / \`roundTrip\` × 1.2 / √\`rate\`
(Mathis and others, 1997): at 1 % and 50 ms, 355 kB/s; above 5 % timeouts make it less. \`roundTrip\` adds nothing to what is not lost: for that use a
\`network-delay\` beside it.

On a link with \`protocol: udp\` datagrams are lost, each by chance, and nobody sends them again.

On a host, the kernel drops the share \`rate\` of the packets that are meant, each drawn by itself. TCP notices and sends
again, ever later; UDP has lost them.

- \`via: nft\` drops by rules in a table of this injection's own. A local sender may be told of what is dropped on its way out,
  which a real line would not do. Where the rules have a planned end the kernel ends them by itself ten seconds after it,
  even if every process of ours is gone.
- \`via: netem\` drops in the queue of an interface, all that leaves it alike: its \`direction\` is \`out\`, and it takes neither
  \`peers\` nor \`ports\`. No sender is told. Through the loopback interface leave both sides of a conversation. It works
  beside the other faults of how an interface sends, and shares their queue.

${rulesElsewhere}`,
  targets: ['proxy', 'host', 'process', 'network'],
  ways: (on) => (on === 'host' || on === 'process' ? ['nft', 'netem'] : undefined),
  mechanism(on, via) {
    if (on === 'proxy')
      return {
        by: 'the fault proxy',
        cannot: 'in a stream no packet is lost: it stalls, as TCP does when it sends again',
      };
    if (via === 'netem') return { by: netemMechanism(on).by, cannot: 'what is hit is hit whoever it is for' };
    return rulesMechanism(
      on,
      on === 'host' ? 'a local sender may be told of what is dropped on its way out' : undefined,
    );
  },
  needs: (on, via) => (via === 'netem' ? netemNeeds(on) : packetNeeds(on)),
  parameters: {
    rate: share({
      description: 'The share of packets that vanishes.',
      drawn: ['5%', '30%'],
      examples: ['10%'],
    }),
    ...whichWay('in'),
    roundTrip: duration({
      description: 'On a proxied link: how long a round trip takes, and so how long a stall at least.',
      default: '50ms',
      examples: ['150ms'],
    }),
    ...whichPackets,
    via: choice(['nft', 'netem'])({
      description:
        'On a host: how it is done. By default the first of these that works here and fits the other parameters.',
      optional: true,
    }),
    interface: whatLeaves.interface,
  },
  held: true,
  refuses(target, parameters) {
    const { peers, ports, direction, sides, via, interface: device } = parameters;
    const refusal = refuseWay(target, parameters);
    if (refusal !== undefined) return refusal;
    if (via !== 'netem')
      return (
        refusePackets(target, parameters) ??
        (device === undefined ? undefined : 'an "interface" goes with "via: netem" alone')
      );
    const all = target.kind === 'process' ? 'both' : 'out';
    if (peers || ports || direction !== all)
      return `netem drops of all that passes: give "direction: ${all}", and leave out "peers" and "ports"`;
    return refuseQueue(target, { interface: device, sides });
  },
  inject(
    { rate, direction, share, roundTrip, peers = [], ports = [], sides, via, interface: device },
    { id, seed, target },
  ) {
    if (!target) throw new Error('network-loss needs a target');
    if (target.kind === 'proxy') {
      const settings = { rate, roundTripMs: roundTrip, direction: wayOnLink[direction], share, seed };
      return throughProxy(target, { id, kind: 'loss', settings });
    }
    if (via === 'netem') return throughQueue(target, { interface: device }, { loss: rate });
    const rules = { direction: wayOnHost[direction], peers, ports, sides, share: rate };
    return throughRules(target, { ...rules, drawnFor: 'packet', verdict: 'drop' });
  },
  observe: {
    inForce(sight, { via }) {
      if (sight.on === 'proxy') return proxyBegun(sight, 'what it does shows as bytes pass');
      return via === 'netem' ? queueBegun(sight) : rulesBegun(sight);
    },
    async total(sight, { rate, via }) {
      if (sight.on === 'proxy') return ofThoseDrawn(await sight.proxy(), (counters) => linkLossEffect(counters, rate));
      return lossEffect(via === 'netem' ? lostInQueue(await sight.queue()) : await sight.packets(), rate);
    },
    gone(sight, { via }) {
      if (sight.on === 'proxy') return proxyEnded(sight);
      return via === 'netem' ? queueEnded(sight) : rulesEnded(sight);
    },
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
      title: 'The line out is overloaded, and slow with it',
      step: {
        inject: 'network-loss',
        target: 'machine',
        with: { rate: '10%', direction: 'out', via: 'netem', interface: 'eth0' },
        for: '30s',
      },
    },
    {
      title: 'The radio link is bad in both directions',
      step: { inject: 'network-loss', target: 'machine', with: { rate: '30%', direction: 'both' }, for: '10s' },
    },
  ],
});
