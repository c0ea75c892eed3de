import { defineFault } from '../../model/fault.ts';
import { share } from '../../model/field.ts';
import { percent } from '../in-words.ts';
import { netemBegun, netemEnded, netemNeeds, netemTotal, networkInterface, tcPercent, throughNetem } from '../netem.ts';

/** Packets arrive with an error in them. */
export const networkCorrupt = defineFault({
  name: 'network-corrupt',
  summary: 'Packets arrive with a flipped bit, as over a bad cable or a broken switch',
  description: `Flips one bit at a random place in the share \`rate\` of the packets. Most of them fail a checksum of IP, TCP or UDP and are dropped by
who receives them, so it looks like loss; what fails no checksum arrives wrong.

It works on what leaves the interface, by the kernel's netem. One fault of netem at a time has an interface; one that somebody
else has given a queueing discipline is left alone.`,
  targets: ['host'],
  needs: netemNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that is hit.', default: '1%', examples: ['5%'] }),
    interface: networkInterface,
  },
  held: true,
  inject({ rate, interface: device }, { target }) {
    if (!target) throw new Error('network-corrupt needs a target');
    return throughNetem(target.id, device, ['corrupt', tcPercent(rate)]);
  },
  observe: {
    inForce: netemBegun,
    total: (sight, { rate }) => netemTotal(sight, `${percent(rate)} of them with a flipped bit`),
    gone: netemEnded,
  },
  examples: [
    {
      title: 'A cable that is about to fail',
      step: { inject: 'network-corrupt', target: 'machine', with: { rate: '5%', interface: 'eth0' }, for: '30s' },
    },
  ],
});
