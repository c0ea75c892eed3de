import { defineFault, type Effect, type ProxyCounters } from '../../model/fault.ts';
import { duration, size } from '../../model/field.ts';
import { plural } from '../../text/plural.ts';
import { ofThoseDrawn, refuseDatagrams } from '../links.ts';
import { whichStreams } from '../streams.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';

/** Bytes come in small pieces. */
export const networkSlice = defineFault({
  name: 'network-slice',
  summary: 'What is sent together arrives in small pieces, as over a line with small packets',
  description: `Sends on what passes in pieces of \`size\`, more or less by up to \`variation\`, each by itself and \`delay\` after the one before.
TCP promises no more than the bytes and their order: programs that take what they read at once for a whole message show
it here.`,
  targets: ['proxy'],
  mechanism: () => ({ by: 'the fault proxy', cannot: 'kernels may join pieces that wait for a slow reader' }),
  parameters: {
    size: size({ description: 'Of a piece, on average.', default: '100B', examples: ['1B', '1KiB'] }),
    variation: size({
      description: 'How much larger or smaller a piece may be, by chance.',
      default: '0B',
      examples: ['50B'],
    }),
    delay: duration({ description: 'From one piece to the next.', default: '1ms', examples: ['10ms'] }),
    ...whichStreams,
  },
  held: true,
  refuses(target, { size, variation }) {
    if (size < 1) return 'a piece has at least 1B: choose a larger "size"';
    if (variation > size) return 'no piece is smaller than nothing: choose a "variation" of at most "size"';
    return refuseDatagrams(target, 'a datagram arrives whole or not at all');
  },
  inject({ size, variation, delay, direction, share }, { id, seed, target }) {
    const settings = { averageBytes: size, variationBytes: variation, delayMs: delay, direction, share, seed };
    return throughProxy(target, { id, kind: 'slicer', settings });
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as bytes pass'),
    total: async (sight) => ofThoseDrawn(await sight.proxy(), slicedEffect),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'Answers come byte by byte',
      step: { inject: 'network-slice', target: 'api-link', with: { size: '1B', delay: '1ms' }, for: '10s' },
    },
  ],
});

function slicedEffect({ connections = 0, pieces = 0 }: ProxyCounters): Effect {
  const figures = { connections, pieces };
  if (pieces === 0) return { seen: 'unseen', summary: 'no bytes passed while it was in force', figures };
  return { seen: 'seen', summary: `${plural(pieces, 'piece')} on ${plural(connections, 'connection')}`, figures };
}
