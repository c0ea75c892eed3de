import { defineFault } from '../../model/fault.ts';
import { choice, share } from '../../model/field.ts';
import { packetNeeds, rulesBegun, rulesEnded, whichPackets } from '../packets.ts';
import { lossEffect } from './effect.ts';

/** Packets vanish. */
export const networkLoss = defineFault({
  name: 'network-loss',
  summary: 'Packets vanish, each by chance, as on a bad or overloaded line',
  description: `On a host, the kernel drops the share \`rate\` of the packets that are meant, each drawn by itself (\`nft\`, in a table of this
injection's own). TCP notices and sends again, ever later; UDP has lost them. A local sender may be told of what is dropped
on its way out, which a real line would not do.

Where the rules have a planned end the kernel ends them by itself ten seconds after it, even if every process of ours is
gone.`,
  targets: ['host'],
  needs: packetNeeds,
  parameters: {
    rate: share({ description: 'The share of packets that vanishes.', default: '10%', examples: ['30%'] }),
    direction: choice(['in', 'out', 'both'])({
      description: 'Packets that come in, that go out, or both. A packet from the host to itself is judged once.',
      default: 'in',
    }),
    ...whichPackets,
  },
  held: true,
  inject({ rate, direction, peers = [], ports = [] }, { target }) {
    if (!target) throw new Error('network-loss needs a target');
    const rules = { direction, peers, ports, share: rate, verdict: 'drop' } as const;
    return {
      inject: [{ op: 'nft-add', target: target.id, rules }],
      undo: [{ op: 'nft-delete', target: target.id }],
    };
  },
  observe: {
    inForce: rulesBegun,
    total: async (sight, { rate }) => lossEffect(await sight.packets(), rate),
    gone: rulesEnded,
  },
  examples: [
    {
      title: 'A tenth of what the database sends is lost',
      step: { inject: 'network-loss', target: 'machine', with: { peers: ['10.0.0.5'], ports: [5432] }, for: '30s' },
    },
    {
      title: 'The radio link is bad in both directions',
      step: { inject: 'network-loss', target: 'machine', with: { rate: '30%', direction: 'both' }, for: '10s' },
    },
  ],
});
