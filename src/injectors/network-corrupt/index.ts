import { defineFault } from '../../model/fault.ts';
import { share } from '../../model/field.ts';
import { alongLink, linkBegun, linkTotal, refuseOnLink } from '../links.ts';
import { netemMechanism, netemNeeds, netemOnHost, netemTotal } from '../netem.ts';
import { queueBegun, queueEnded, throughQueue, whatLeaves } from '../queue.ts';
import { proxyEnded, throughProxy } from '../through-proxy.ts';

/** Packets arrive with an error in them. */
export const networkCorrupt = defineFault({
  name: 'network-corrupt',
  summary: 'Packets arrive with a flipped bit, as over a bad cable or a broken switch',
  description: `Flips one bit at a random place of the packets that are hit. Most of them fail a checksum of Ethernet, IP, TCP or UDP and are
dropped by who receives them, so to programs it looks like loss; what fails no checksum arrives wrong.

On a proxied link there are no packets; what passes arrives wrong, as from a middlebox or a memory that is broken: of each
datagram that is hit (\`protocol: udp\`), or of each segment of 1,448 bytes of a stream, one bit is flipped. Nobody's checksum
notices but that of the application.

${netemOnHost}`,
  targets: ['proxy', 'host', 'process', 'network'],
  mechanism: (on) => (on === 'proxy' ? { by: 'the fault proxy' } : netemMechanism(on)),
  needs: netemNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that is hit.', drawn: ['1%', '10%'], examples: ['5%'] }),
    ...alongLink,
    ...whatLeaves,
  },
  held: true,
  refuses: refuseOnLink,
  inject({ rate, direction, share, ...where }, { id, seed, target }) {
    if (!target) throw new Error('network-corrupt needs a target');
    if (target.kind === 'proxy')
      return throughProxy(target, { id, kind: 'corrupt', settings: { rate, direction, share, seed } });
    return throughQueue(target, where, { corruption: rate });
  },
  observe: {
    inForce: (sight) => (sight.on === 'proxy' ? linkBegun(sight) : queueBegun(sight)),
    total: (sight, { rate }) =>
      sight.on === 'proxy'
        ? linkTotal(sight, { asked: rate, done: 'arrived with a flipped bit' })
        : netemTotal(sight, rate, 'with a flipped bit'),
    gone: (sight) => (sight.on === 'proxy' ? proxyEnded(sight) : queueEnded(sight)),
  },
  examples: [
    {
      title: 'A load balancer with a broken memory',
      step: {
        inject: 'network-corrupt',
        target: 'api-link',
        with: { rate: '1%', direction: 'downstream' },
        for: '30s',
      },
    },
    {
      title: 'A cable that is about to fail',
      step: { inject: 'network-corrupt', target: 'machine', with: { rate: '5%', interface: 'eth0' }, for: '30s' },
    },
  ],
});
