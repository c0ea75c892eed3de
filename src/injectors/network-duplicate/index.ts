import { defineFault } from '../../model/fault.ts';
import { share } from '../../model/field.ts';
import { alongLink, linkBegun, linkTotal, refuseOnLink, refuseStream } from '../links.ts';
import { netemMechanism, netemNeeds, netemOnHost, netemTotal } from '../netem.ts';
import { queueBegun, queueEnded, throughQueue, whatLeaves } from '../queue.ts';
import { proxyEnded, throughProxy } from '../through-proxy.ts';

/** Packets arrive twice. */
export const networkDuplicate = defineFault({
  name: 'network-duplicate',
  summary: 'Packets arrive twice, as from a network with a loop or a link that sends again',
  description: `Sends the packets that are hit twice. TCP discards the copy; what is built on UDP has to cope with it.

On a proxied link with \`protocol: udp\` it does so to datagrams, in either direction or both.

${netemOnHost}`,
  targets: ['proxy', 'host', 'process', 'network'],
  mechanism: (on) => (on === 'proxy' ? { by: 'the fault proxy' } : netemMechanism(on)),
  needs: netemNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that is sent twice.', drawn: ['5%', '30%'], examples: ['20%'] }),
    ...alongLink,
    ...whatLeaves,
  },
  held: true,
  refuses: (target, where) =>
    refuseStream(target, 'what comes twice is not seen in a stream') ?? refuseOnLink(target, where),
  inject({ rate, direction, share, ...where }, { id, seed, target }) {
    if (!target) throw new Error('network-duplicate needs a target');
    if (target.kind === 'proxy')
      return throughProxy(target, { id, kind: 'duplicate', settings: { rate, direction, share, seed } });
    return throughQueue(target, where, { duplication: rate });
  },
  observe: {
    inForce: (sight) => (sight.on === 'proxy' ? linkBegun(sight) : queueBegun(sight)),
    total: (sight, { rate }) =>
      sight.on === 'proxy'
        ? linkTotal(sight, { asked: rate, done: 'sent twice' })
        : netemTotal(sight, rate, 'sent twice'),
    gone: (sight) => (sight.on === 'proxy' ? proxyEnded(sight) : queueEnded(sight)),
  },
  examples: [
    {
      title: 'A counter is told of some events twice',
      step: { inject: 'network-duplicate', target: 'statsd-link', with: { rate: '10%' }, for: '30s' },
    },
    {
      title: 'Datagrams come twice',
      step: { inject: 'network-duplicate', target: 'machine', with: { rate: '20%', interface: 'eth0' }, for: '30s' },
    },
  ],
});
