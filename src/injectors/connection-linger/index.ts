import { defineFault, type Effect, type ProxyCounters } from '../../model/fault.ts';
import { duration } from '../../model/field.ts';
import { plural } from '../../text/plural.ts';
import { ofThoseDrawn, refuseDatagrams } from '../links.ts';
import { whichStreams } from '../streams.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';

/** The end of connections comes late. */
export const connectionLinger = defineFault({
  name: 'connection-linger',
  summary: 'The end of a connection comes late, as when a peer closes slowly; bytes pass at once',
  description: `Holds the end of each connection back for \`latency\`, a reset alike. Whoever waits for the end of an answer waits longer, and
whoever keeps connections until both sides have closed them keeps more of them. When it is lifted, ends that wait go on at
once.`,
  targets: ['proxy'],
  mechanism: () => ({ by: 'the fault proxy' }),
  parameters: {
    latency: duration({ description: 'How much later the end comes.', drawn: ['1s', '5s'], examples: ['2s'] }),
    ...whichStreams,
  },
  held: true,
  refuses: (target) => refuseDatagrams(target, 'there are no connections that end'),
  inject: ({ latency, direction, share }, { id, seed, target }) =>
    throughProxy(target, { id, kind: 'slow-close', settings: { delayMs: latency, direction, share, seed } }),
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as connections end'),
    total: async (sight) => ofThoseDrawn(await sight.proxy(), lateEffect),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'Connections to the cache take three seconds to end',
      step: { inject: 'connection-linger', target: 'cache-link', with: { latency: '3s' }, for: '30s' },
    },
  ],
});

function lateEffect({ connections = 0, held = 0 }: ProxyCounters): Effect {
  const figures = { connections, held };
  if (held === 0) return { seen: 'unseen', summary: 'no connection ended while it was in force', figures };
  return {
    seen: 'seen',
    summary: `${plural(held, 'end')} held back, of ${plural(connections, 'connection')}`,
    figures,
  };
}
