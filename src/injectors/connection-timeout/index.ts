import { defineFault, type Effect, type ProxyCounters } from '../../model/fault.ts';
import { duration } from '../../model/field.ts';
import { formatSize } from '../../model/size.ts';
import { plural } from '../../text/plural.ts';
import { ofThoseDrawn, refuseDatagrams } from '../links.ts';
import { whichStreams } from '../streams.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';

/** Connections are dead, and nobody says so. */
export const connectionTimeout = defineFault({
  name: 'connection-timeout',
  summary: 'What is sent is lost, and the connection is closed after a time, as by a firewall that forgot it',
  description: `Drops what goes in \`direction\` on each connection, and closes the connection \`after\` it came to it, whether bytes flow or not;
without \`after\` when it is lifted. Nothing that was dropped is sent again: only time limits of the program help before then.

\`network-partition\` holds back what is sent and lets it go on afterwards, as TCP does; here the connection is lost.`,
  targets: ['proxy'],
  mechanism: () => ({ by: 'the fault proxy' }),
  parameters: {
    after: duration({ description: 'When the connection is closed.', optional: true, examples: ['2s', '30s'] }),
    ...whichStreams,
  },
  held: true,
  refuses: (target) => refuseDatagrams(target, 'there are no connections to close'),
  inject: ({ after = 0, direction, share }, { id, seed, target }) =>
    throughProxy(target, { id, kind: 'timeout', settings: { timeoutMs: after, direction, share, seed } }),
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as bytes are sent'),
    total: async (sight) => ofThoseDrawn(await sight.proxy(), lostEffect),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'A firewall forgets connections, and ends them after five seconds',
      step: { inject: 'connection-timeout', target: 'database-link', with: { after: '5s' }, for: '10s' },
    },
  ],
});

function lostEffect({ connections = 0, droppedBytes = 0, closed = 0 }: ProxyCounters): Effect {
  const figures = { connections, droppedBytes, closed };
  if (connections === 0) return { seen: 'unseen', summary: 'there was no connection while it was in force', figures };
  return {
    seen: droppedBytes > 0 || closed > 0 ? 'seen' : 'unseen',
    summary: `${formatSize(droppedBytes)} of ${plural(connections, 'connection')} lost, ${closed} closed`,
    figures,
  };
}
