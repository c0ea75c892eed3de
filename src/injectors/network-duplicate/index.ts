import { defineFault } from '../../model/fault.ts';
import { share } from '../../model/field.ts';
import { percent } from '../in-words.ts';
import { netemBegun, netemEnded, netemNeeds, netemTotal, networkInterface, tcPercent, throughNetem } from '../netem.ts';

/** Packets arrive twice. */
export const networkDuplicate = defineFault({
  name: 'network-duplicate',
  summary: 'Packets arrive twice, as from a network with a loop or a retransmitting link',
  description: `Sends the share \`rate\` of the packets twice. TCP discards the copy; what is built on UDP has to cope with it.

It works on what leaves the interface, by the kernel's netem. One fault of netem at a time has an interface; one that somebody
else has given a queueing discipline is left alone.`,
  targets: ['host'],
  needs: netemNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that is sent twice.', default: '5%', examples: ['20%'] }),
    interface: networkInterface,
  },
  held: true,
  inject({ rate, interface: device }, { target }) {
    if (!target) throw new Error('network-duplicate needs a target');
    return throughNetem(target.id, device, ['duplicate', tcPercent(rate)]);
  },
  observe: {
    inForce: netemBegun,
    total: (sight, { rate }) => netemTotal(sight, `${percent(rate)} of them twice`),
    gone: netemEnded,
  },
  examples: [
    {
      title: 'Datagrams come twice',
      step: { inject: 'network-duplicate', target: 'machine', with: { rate: '20%', interface: 'eth0' }, for: '30s' },
    },
  ],
});
