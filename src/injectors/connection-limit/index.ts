import { defineFault, type Effect, type ProxyCounters } from '../../model/fault.ts';
import { size } from '../../model/field.ts';
import { plural } from '../../text/plural.ts';
import { ofThoseDrawn, refuseDatagrams } from '../links.ts';
import { whichStreams } from '../streams.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';

/** Connections end in the middle. */
export const connectionLimit = defineFault({
  name: 'connection-limit',
  summary:
    'Connections end after so many bytes, as when a server or a load balancer closes them in the middle of an answer',
  description: `Lets \`bytes\` of each connection pass, counted from when the fault came to it, then closes the connection in order, on both
sides. A client that does not compare what it got with what was announced takes half an answer for a whole one.

\`connection-reset\` with \`afterBytes\` does the same with a reset, which nobody overlooks.`,
  targets: ['proxy'],
  mechanism: () => ({ by: 'the fault proxy' }),
  parameters: {
    bytes: size({ description: 'How much passes.', default: '1KiB', examples: ['100B', '64KiB'] }),
    ...whichStreams,
  },
  held: true,
  refuses: (target) => refuseDatagrams(target, 'there are no connections to close'),
  inject: ({ bytes, direction, share }, { id, seed, target }) =>
    throughProxy(target, { id, kind: 'limit-data', settings: { bytes, direction, share, seed } }),
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as bytes pass'),
    total: async (sight) => ofThoseDrawn(await sight.proxy(), closedEffect),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'Every fifth answer ends after four kibibytes',
      step: { inject: 'connection-limit', target: 'api-link', with: { bytes: '4KiB', share: '20%' }, for: '30s' },
    },
  ],
});

function closedEffect({ connections = 0, closed = 0 }: ProxyCounters): Effect {
  const figures = { connections, closed };
  if (connections === 0) return { seen: 'unseen', summary: 'there was no connection while it was in force', figures };
  return {
    seen: closed > 0 ? 'seen' : 'unseen',
    summary: `${closed} of ${plural(connections, 'connection')} closed`,
    figures,
  };
}
