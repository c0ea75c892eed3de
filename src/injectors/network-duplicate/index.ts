import { defineFault } from '../../model/fault.ts';
import { share } from '../../model/field.ts';
import { netemMechanism, netemNeeds, netemOnHost, netemTotal } from '../netem.ts';
import { queueBegun, queueEnded, refuseQueue, throughQueue, whatLeaves } from '../queue.ts';

/** Packets arrive twice. */
export const networkDuplicate = defineFault({
  name: 'network-duplicate',
  summary: 'Packets arrive twice, as from a network with a loop or a link that sends again',
  description: `Sends the packets that are hit twice. TCP discards the copy; what is built on UDP has to cope with it.

${netemOnHost}`,
  targets: ['host', 'process', 'network'],
  mechanism: netemMechanism,
  needs: netemNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that is sent twice.', drawn: ['5%', '30%'], examples: ['20%'] }),
    ...whatLeaves,
  },
  held: true,
  refuses: refuseQueue,
  inject({ rate, ...where }, { target }) {
    if (!target) throw new Error('network-duplicate needs a target');
    return throughQueue(target, where, { duplication: rate });
  },
  observe: {
    inForce: queueBegun,
    total: (sight, { rate }) => netemTotal(sight, rate, 'sent twice'),
    gone: queueEnded,
  },
  examples: [
    {
      title: 'Datagrams come twice',
      step: { inject: 'network-duplicate', target: 'machine', with: { rate: '20%', interface: 'eth0' }, for: '30s' },
    },
  ],
});
