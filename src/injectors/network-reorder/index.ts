import { defineFault } from '../../model/fault.ts';
import { duration, share } from '../../model/field.ts';
import { netemMechanism, netemNeeds, netemOnHost, netemTotal } from '../netem.ts';
import { orderOnInterface, queueBegun, queueEnded, refuseQueue, throughQueue, whatLeaves } from '../queue.ts';

/** Packets overtake each other. */
export const networkReorder = defineFault({
  name: 'network-reorder',
  summary: 'Packets overtake each other, as over links of different lengths',
  description: `Delays every packet by \`latency\`, but for the share \`rate\`, which is sent at once and so overtakes those that wait. Of packets
that are further apart than \`latency\` none overtakes another. TCP takes some of it for loss and sends again. What overtakes is
delayed by nobody, so it does not go with a \`network-delay\` on the same interface: give this one the \`latency\`.

${netemOnHost}`,
  targets: ['host', 'process', 'network'],
  mechanism: netemMechanism,
  needs: netemNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that overtakes.', drawn: ['10%', '50%'], examples: ['25%'] }),
    latency: duration({ description: 'How much later the others are sent.', default: '10ms', examples: ['50ms'] }),
    ...whatLeaves,
  },
  held: true,
  alone: orderOnInterface,
  refuses(target, { rate, latency, ...where }) {
    const refusal = refuseQueue(target, where);
    if (refusal !== undefined) return refusal;
    if (latency === 0) return 'without a "latency" there is nothing to overtake';
    return rate === 1
      ? 'when all packets are sent at once, none overtakes another: choose a "rate" below 100%'
      : undefined;
  },
  inject({ rate, latency, ...where }, { target }) {
    if (!target) throw new Error('network-reorder needs a target');
    const delay = { latencyMs: latency, jitterMs: 0, correlation: 0 };
    return throughQueue(target, where, { delay, overtaking: rate });
  },
  observe: {
    inForce: queueBegun,
    total: (sight, { rate }) => netemTotal(sight, rate, 'sent at once'),
    gone: queueEnded,
  },
  examples: [
    {
      title: 'Half of the packets take a shorter way',
      step: { inject: 'network-reorder', target: 'machine', with: { rate: '50%', interface: 'eth0' }, for: '30s' },
    },
  ],
});
