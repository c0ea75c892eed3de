import { defineFault, type Effect, type ProxyCounters } from '../../model/fault.ts';
import { duration, share } from '../../model/field.ts';
import { plural } from '../../text/plural.ts';
import { refuseDatagrams } from '../links.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';

/** New connections are served late. */
export const connectionDelay = defineFault({
  name: 'connection-delay',
  summary: 'New connections are served late, as by a server whose backlog is long; those that exist are not slowed',
  description: `On each connection that is made while it is in force nothing passes, in either direction, before \`latency\` is over; then
all of it goes on at once and the connection is as fast as ever. Programs that keep their connections are spared, those that
open one for each request are not: it shows which is which, and what a pool that grows under load costs.

Connecting itself succeeds at once, as with a server whose kernel accepts for it. When it is lifted, connections that still
wait go on at once.`,
  targets: ['proxy'],
  mechanism: () => ({ by: 'the fault proxy', cannot: 'the server is connected to at once, and hears nothing' }),
  parameters: {
    latency: duration({
      description: 'How long nothing passes on a new connection.',
      drawn: ['100ms', '1s'],
      examples: ['500ms'],
    }),
    share: share({
      description: 'The share of new connections that it works on; which ones is drawn, the same way in every run.',
      default: '100%',
      examples: ['30%'],
    }),
  },
  held: true,
  refuses: (target) => refuseDatagrams(target, 'nobody connects'),
  inject: ({ latency, share }, { id, seed, target }) =>
    throughProxy(target, { id, kind: 'slow-accept', settings: { delayMs: latency, share, seed } }),
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as connections are made'),
    total: async (sight) => slowAcceptEffect(await sight.proxy()),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'The server is so busy that it accepts half a second late',
      step: { inject: 'connection-delay', target: 'database-link', with: { latency: '500ms' }, for: '30s' },
    },
  ],
});

function slowAcceptEffect({ connections = 0, delayed = 0 }: ProxyCounters): Effect {
  const figures = { connections, delayed };
  if (connections === 0) return { seen: 'unseen', summary: 'nobody connected while it was in force', figures };
  return {
    seen: delayed > 0 ? 'seen' : 'unseen',
    summary: `${delayed} of ${plural(connections, 'new connection')} served late`,
    figures,
  };
}
