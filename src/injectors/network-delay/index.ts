import { delayDistributions } from '../../model/delay-distribution.ts';
import { defineFault } from '../../model/fault.ts';
import { choice, duration, share } from '../../model/field.ts';
import { ofThoseDrawn } from '../links.ts';
import { netemMechanism, netemNeeds, netemOnHost, netemTotal } from '../netem.ts';
import { orderOnInterface, queueBegun, queueEnded, refuseQueue, throughQueue, whatLeaves } from '../queue.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { delayEffect } from './effect.ts';

/** netem cuts what is more than 2^31 ns. */
const mostJitterMs = 2000;

/** What is sent arrives later. */
export const networkDelay = defineFault({
  name: 'network-delay',
  summary: 'Everything on a link, or that leaves a host, arrives later, as over a longer or a congested line',
  description: `On a proxied link it holds back what flows: bytes, the end of a connection and resets alike. Nothing is lost or
reordered, and nothing arrives early: the delay is at least what was asked for. It is pipelined like a long line, so
throughput stays what the window of the sender allows: as much may wait as a fast sender sends in the time, up to 256 MiB in
each direction of a connection and 512 MiB in all.

\`latency\` is added once in each direction that \`direction\` names. With the default, \`downstream\` (from the server to
its client), every round trip grows by \`latency\`; with \`both\` it grows by twice that.

It works on connections that exist already as well as on new ones, and what waits when it is lifted goes on at once.
It does not delay the acceptance of a connection, and what goes around the link it cannot see.

On a link with \`protocol: udp\` each datagram waits for itself, so with a \`jitter\` they overtake each other; a client counts
as a connection.

On a host it delays every packet that leaves the interface: round trips grow by \`latency\`, on the loopback interface by
twice that. \`direction\` and \`share\` are for links; what comes in is delayed where it is sent. Unlike on a link, packets
overtake each other where \`jitter\` is greater than the time between them, and what waits when it is lifted is lost.

${netemOnHost}`,
  targets: ['proxy', 'host', 'process', 'network'],
  mechanism(on) {
    if (on === 'proxy') return { by: 'the fault proxy', cannot: 'making a connection takes no longer' };
    const lost = 'what waits at the end is lost';
    const others = { host: 'what comes in is not delayed; ', network: 'what hosts elsewhere send is not delayed; ' };
    const { by } = netemMechanism(on);
    return { by, cannot: `${on === 'host' || on === 'network' ? others[on] : ''}${lost}` };
  },
  needs: netemNeeds,
  parameters: {
    latency: duration({
      description: 'How much later everything arrives, one way, in each direction that is delayed.',
      drawn: ['100ms', '1s'],
      examples: ['20ms', '1s'],
    }),
    jitter: duration({
      description:
        'How far delays lie from `latency`, as `distribution` says, and never below 0. On a link, the same injection draws the same delays in every run.',
      default: '0ms',
      examples: ['10ms'],
    }),
    distribution: choice(delayDistributions)({
      description:
        'On a link: `uniform`: up to `jitter` to either side, evenly. `normal`: with `jitter` as standard deviation. `pareto`: never less than `latency`, half of `jitter` more on average, and now and then many times that. On a host it is `uniform`.',
      default: 'uniform',
    }),
    direction: choice(['upstream', 'downstream', 'both'])({
      description:
        '`upstream`: from the client to the server. `downstream`: from the server to the client. `both`: a round trip grows by twice the latency.',
      default: 'downstream',
    }),
    share: share({
      description: 'The share of connections that it works on; which ones is drawn, the same way in every run.',
      default: '100%',
      examples: ['30%'],
    }),
    correlation: share({
      description:
        'On a host or in a network: how much each delay is like the one before, as far as `jitter` lets them differ.',
      default: '0%',
      examples: ['25%'],
    }),
    ...whatLeaves,
  },
  held: true,
  beside: orderOnInterface,
  refuses(target, { direction, share, jitter, distribution, correlation, ...where }) {
    if (target.kind === 'proxy')
      return where.interface === undefined && where.sides === undefined && correlation === 0
        ? undefined
        : 'this is a proxied link: "interface", "sides" and "correlation" are for hosts and networks';
    const refusal = refuseQueue(target, where);
    if (refusal !== undefined) return refusal;
    if (direction !== 'downstream' || share !== 1)
      return 'away from a proxied link, all that leaves is delayed: leave out "direction" and "share"';
    if (distribution !== 'uniform')
      return `away from a proxied link, delays are spread evenly: leave out "distribution: ${distribution}"`;
    if (jitter > mostJitterMs) return 'the kernel lets delays differ by at most 2s: choose a smaller "jitter"';
    return correlation > 0 && jitter === 0
      ? 'without "jitter" all delays are the same: leave out "correlation"'
      : undefined;
  },
  inject(parameters, { id, seed, target }) {
    if (!target) throw new Error('network-delay needs a target');
    const { latency, jitter, distribution, direction, share, correlation, ...where } = parameters;
    if (target.kind !== 'proxy') {
      const delay = { latencyMs: latency, jitterMs: jitter, correlation };
      return throughQueue(target, where, { delay });
    }
    const settings = { latencyMs: latency, jitterMs: jitter, distribution, direction, share, seed };
    return throughProxy(target, { id, kind: 'delay', settings });
  },
  observe: {
    inForce: (sight) =>
      sight.on === 'proxy' ? proxyBegun(sight, 'what it does shows as bytes pass') : queueBegun(sight),
    total: async (sight, { latency }) =>
      sight.on === 'proxy'
        ? ofThoseDrawn(await sight.proxy(), (counters) => delayEffect(counters, latency))
        : netemTotal(sight, 1, `${latency} ms late`),
    gone: (sight) => (sight.on === 'proxy' ? proxyEnded(sight) : queueEnded(sight)),
  },
  examples: [
    {
      title: 'The database moves to another continent',
      step: { inject: 'network-delay', target: 'database-link', with: { latency: '80ms', jitter: '5ms' }, for: '10s' },
    },
    {
      title: 'A third of the connections cross a bad line, both ways',
      step: {
        inject: 'network-delay',
        target: 'database-link',
        with: { latency: '250ms', direction: 'both', share: '33%' },
        for: '30s',
      },
    },
    {
      title: 'Most answers are a little late, and a few very late',
      step: {
        inject: 'network-delay',
        target: 'database-link',
        with: { latency: '20ms', jitter: '40ms', distribution: 'pareto' },
        for: '30s',
      },
    },
    {
      title: 'Everything that this machine sends takes the long way',
      step: {
        inject: 'network-delay',
        target: 'machine',
        with: { latency: '150ms', jitter: '20ms', correlation: '25%', interface: 'eth0' },
        for: '30s',
      },
    },
    {
      title: 'One data centre is far from the others',
      step: {
        inject: 'network-delay',
        target: 'cluster',
        with: { latency: '40ms', jitter: '5ms', sides: [['a'], ['b', 'c']] },
        for: '30s',
      },
    },
  ],
});
