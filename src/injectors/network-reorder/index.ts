import { defineFault } from '../../model/fault.ts';
import { duration, share } from '../../model/field.ts';
import { alongLink, linkBegun, linkTotal, refuseOnLink, refuseStream } from '../links.ts';
import { netemMechanism, netemNeeds, netemOnHost, netemTotal } from '../netem.ts';
import { orderOnInterface, queueBegun, queueEnded, throughQueue, whatLeaves } from '../queue.ts';
import { proxyEnded, throughProxy } from '../through-proxy.ts';

/** Packets overtake each other. */
export const networkReorder = defineFault({
  name: 'network-reorder',
  summary: 'Packets overtake each other, as over links of different lengths',
  description: `Delays every packet by \`latency\`, but for the share \`rate\`, which is sent at once and so overtakes those that wait. Of packets
that are further apart than \`latency\` none overtakes another. TCP takes some of it for loss and sends again. What overtakes is
delayed by nobody, so it does not go with a \`network-delay\` on the same interface: give this one the \`latency\`.

On a proxied link with \`protocol: udp\` it does so to the datagrams of each client, in either direction or both.

${netemOnHost}`,
  targets: ['proxy', 'host', 'process', 'network'],
  mechanism: (on) => (on === 'proxy' ? { by: 'the fault proxy' } : netemMechanism(on)),
  needs: netemNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that overtakes.', drawn: ['10%', '50%'], examples: ['25%'] }),
    latency: duration({ description: 'How much later the others are sent.', default: '10ms', examples: ['50ms'] }),
    ...alongLink,
    ...whatLeaves,
  },
  held: true,
  alone: orderOnInterface,
  refuses(target, { rate, latency, ...where }) {
    const refusal = refuseStream(target, 'nothing overtakes in a stream') ?? refuseOnLink(target, where);
    if (refusal !== undefined) return refusal;
    if (latency === 0) return 'without a "latency" there is nothing to overtake';
    return rate === 1
      ? 'when all packets are sent at once, none overtakes another: choose a "rate" below 100%'
      : undefined;
  },
  inject({ rate, latency, direction, share, ...where }, { id, seed, target }) {
    if (!target) throw new Error('network-reorder needs a target');
    if (target.kind === 'proxy')
      return throughProxy(target, {
        id,
        kind: 'reorder',
        settings: { rate, latencyMs: latency, direction, share, seed },
      });
    const delay = { latencyMs: latency, jitterMs: 0, correlation: 0 };
    return throughQueue(target, where, { delay, overtaking: rate });
  },
  observe: {
    inForce: (sight) => (sight.on === 'proxy' ? linkBegun(sight) : queueBegun(sight)),
    total: (sight, { rate }) =>
      sight.on === 'proxy'
        ? linkTotal(sight, { asked: rate, done: 'overtook others' })
        : netemTotal(sight, rate, 'sent at once'),
    gone: (sight) => (sight.on === 'proxy' ? proxyEnded(sight) : queueEnded(sight)),
  },
  examples: [
    {
      title: 'Answers of a name server overtake each other',
      step: {
        inject: 'network-reorder',
        target: 'dns-link',
        with: { rate: '30%', direction: 'downstream' },
        for: '30s',
      },
    },
    {
      title: 'Half of the packets take a shorter way',
      step: { inject: 'network-reorder', target: 'machine', with: { rate: '50%', interface: 'eth0' }, for: '30s' },
    },
  ],
});
