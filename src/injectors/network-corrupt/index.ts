import { defineFault } from '../../model/fault.ts';
import { share } from '../../model/field.ts';
import { netemMechanism, netemNeeds, netemOnHost, netemTotal } from '../netem.ts';
import { queueBegun, queueEnded, refuseQueue, throughQueue, whatLeaves } from '../queue.ts';

/** Packets arrive with an error in them. */
export const networkCorrupt = defineFault({
  name: 'network-corrupt',
  summary: 'Packets arrive with a flipped bit, as over a bad cable or a broken switch',
  description: `Flips one bit at a random place of the packets that are hit. Most of them fail a checksum of Ethernet, IP, TCP or UDP and are
dropped by who receives them, so to programs it looks like loss; what fails no checksum arrives wrong.

${netemOnHost}`,
  targets: ['host', 'process', 'network'],
  mechanism: netemMechanism,
  needs: netemNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that is hit.', drawn: ['1%', '10%'], examples: ['5%'] }),
    ...whatLeaves,
  },
  held: true,
  refuses: refuseQueue,
  inject({ rate, ...where }, { target }) {
    if (!target) throw new Error('network-corrupt needs a target');
    return throughQueue(target, where, { corruption: rate });
  },
  observe: {
    inForce: queueBegun,
    total: (sight, { rate }) => netemTotal(sight, rate, 'with a flipped bit'),
    gone: queueEnded,
  },
  examples: [
    {
      title: 'A cable that is about to fail',
      step: { inject: 'network-corrupt', target: 'machine', with: { rate: '5%', interface: 'eth0' }, for: '30s' },
    },
  ],
});
