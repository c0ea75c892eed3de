import { defineFault } from '../../model/fault.ts';
import { choice, rate } from '../../model/field.ts';
import { alongLink, ofThoseDrawn, refuseOnLink } from '../links.ts';
import {
  queueBegun,
  queueEnded,
  queueInNetwork,
  queueNeeds,
  queueOnProcess,
  throughQueue,
  whatLeaves,
} from '../queue.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { bandwidthEffect, linkBandwidthEffect } from './effect.ts';

/** A line is narrow. */
export const networkBandwidth = defineFault({
  name: 'network-bandwidth',
  summary: 'No more than so much is sent a second, as over a narrow or a shared line',
  description: `On a proxied link, no more than \`rate\` passes in each direction that \`direction\` names, all connections together, or
with \`per: connection\` each by itself. Connections that share a rate are served in turn, a packet or two milliseconds' worth
at a time: who sends much keeps nobody else waiting. What is sent faster waits, about as much as passes in 400 ms (no less
than 64 KiB, no more than 16 MiB) for each connection; behind that its sender does. A datagram (\`protocol: udp\`) waits for up
to 400 ms, first come first served, then it is dropped.

On a host, the kernel lets no more than \`rate\` leave the interface (a token bucket, \`tbf\`). What is sent faster waits for up
to 400 ms, then it is dropped, and TCP slows down. What comes in is not limited: limit it where it is sent.

${queueOnProcess} They share the \`rate\`.

${queueInNetwork}

Of two on one interface the lower counts; beside faults of netem it limits what comes out of them, and lifting one leaves
the others as they are. An interface that somebody else has given a queueing discipline is left alone. A rate that nothing reached had no effect,
and the report says so.`,
  targets: ['proxy', 'host', 'process', 'network'],
  mechanism(on) {
    if (on === 'proxy') return { by: 'the fault proxy' };
    if (on === 'network')
      return {
        by: 'a token bucket of the kernel for each two hosts (tbf)',
        cannot: 'what hosts elsewhere send is not limited',
      };
    return on === 'host'
      ? { by: 'a token bucket of the kernel (tbf)', cannot: 'what comes in is not limited' }
      : {
          by: 'a token bucket in the network namespace of the process (tbf)',
          cannot: 'both directions share the rate',
        };
  },
  needs: queueNeeds('tbf'),
  parameters: {
    rate: rate({
      description: 'How much may pass a second; on a host headers included.',
      default: '1Mbit/s',
      examples: ['10MB/s', '256kbit/s'],
    }),
    per: choice(['link', 'connection'])({
      description: 'On a proxied link: whether all connections share the rate, or each has it for itself.',
      default: 'link',
    }),
    ...alongLink,
    ...whatLeaves,
  },
  held: true,
  refuses(target, { per, ...where }) {
    if (target.kind !== 'proxy' && per !== 'link')
      return 'away from a proxied link, nobody knows connections: leave out "per"';
    return refuseOnLink(target, where);
  },
  inject({ rate: bytesPerSecond, per, direction, share, ...where }, { id, seed, target }) {
    if (!target) throw new Error('network-bandwidth needs a target');
    if (target.kind === 'proxy') {
      const settings = { bytesPerSecond, per, direction, share, seed };
      return throughProxy(target, { id, kind: 'bandwidth', settings });
    }
    return throughQueue(target, where, { bytesPerSecond });
  },
  observe: {
    inForce: (sight) =>
      sight.on === 'proxy' ? proxyBegun(sight, 'what it does shows as bytes pass') : queueBegun(sight),
    total: async (sight, { rate: bytesPerSecond }) =>
      sight.on === 'proxy'
        ? ofThoseDrawn(await sight.proxy(), (counters) => linkBandwidthEffect(counters, bytesPerSecond))
        : bandwidthEffect(await sight.queue(), bytesPerSecond),
    gone: (sight) => (sight.on === 'proxy' ? proxyEnded(sight) : queueEnded(sight)),
  },
  examples: [
    {
      title: 'The line to the database is as narrow as an old DSL',
      step: { inject: 'network-bandwidth', target: 'database-link', with: { rate: '1Mbit/s' }, for: '30s' },
    },
    {
      title: 'The office moves to a mobile connection',
      step: {
        inject: 'network-bandwidth',
        target: 'machine',
        with: { rate: '1Mbit/s', interface: 'eth0' },
        for: '30s',
      },
    },
    {
      title: 'The line between two data centres is narrow',
      step: {
        inject: 'network-bandwidth',
        target: 'cluster',
        with: { rate: '10Mbit/s', sides: [['a'], ['b', 'c']] },
        for: '30s',
      },
    },
  ],
});
