import { defineFault } from '../../model/fault.ts';
import { duration, share } from '../../model/field.ts';
import { percent } from '../in-words.ts';
import { netemBegun, netemEnded, netemNeeds, netemTotal, networkInterface, tcPercent, throughNetem } from '../netem.ts';

/** Packets overtake each other. */
export const networkReorder = defineFault({
  name: 'network-reorder',
  summary: 'Packets overtake each other, as over links of different lengths',
  description: `Delays every packet by \`latency\`, but for the share \`rate\`, which is sent at once and so overtakes those before it. TCP takes some of it
for loss and sends again.

It works on what leaves the interface, by the kernel's netem. One fault of netem at a time has an interface; one that somebody
else has given a queueing discipline is left alone.`,
  targets: ['host'],
  needs: netemNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that overtakes.', default: '25%', examples: ['50%'] }),
    latency: duration({
      description: 'How much later the others are sent.',
      default: '10ms',
      examples: ['50ms'],
    }),
    interface: networkInterface,
  },
  held: true,
  inject({ rate, latency, interface: device }, { target }) {
    if (!target) throw new Error('network-reorder needs a target');
    return throughNetem(target.id, device, ['delay', `${latency}ms`, 'reorder', tcPercent(rate)]);
  },
  observe: {
    inForce: netemBegun,
    total: (sight, { rate }) => netemTotal(sight, `${percent(rate)} of them overtaking the others`),
    gone: netemEnded,
  },
  examples: [
    {
      title: 'Half of the packets take a shorter way',
      step: { inject: 'network-reorder', target: 'machine', with: { rate: '50%', interface: 'eth0' }, for: '30s' },
    },
  ],
});
