import { defineFault } from '../../model/fault.ts';
import { duration, share, size } from '../../model/field.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { resetEffect } from './effect.ts';

/** Connections break. */
export const connectionReset = defineFault({
  name: 'connection-reset',
  summary: 'Connections on a proxied link break with a reset, as when a server crashes or a firewall forgets them',
  description: `Ends connections with a TCP reset (RST) on both sides: those that exist, idle ones too, and those that come while it is
in force. What has not been delivered is lost, and whoever reads or writes learns it at once ("connection reset by peer").

Without \`after\` and \`afterBytes\` they break as soon as they are made. With \`after\` each breaks that long after the fault
began, or after it was made; with \`afterBytes\`, when that much went to the client, in the middle of an answer.`,
  targets: ['proxy'],
  parameters: {
    after: duration({ description: 'How long a connection lasts.', optional: true, examples: ['500ms', '5s'] }),
    afterBytes: size({ description: 'How much may go to the client.', optional: true, examples: ['1KiB', '100KiB'] }),
    share: share({
      description: 'The share of connections that it works on; which ones is drawn, the same way in every run.',
      default: '100%',
      examples: ['30%'],
    }),
  },
  held: true,
  contradiction: ({ after, afterBytes }) =>
    after !== undefined && afterBytes !== undefined ? 'give "after" or "afterBytes", not both' : undefined,
  inject({ after, afterBytes, share }, { id, target }) {
    const when =
      after === undefined ? (afterBytes === undefined ? {} : { afterBytes }) : { afterMs: Math.max(1, after) };
    return throughProxy(target, { id, kind: 'reset', settings: { share, seed: id, ...when } });
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as connections break'),
    total: async (sight) => resetEffect(await sight.proxy()),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'A third of the connections to the database break after five seconds',
      step: { inject: 'connection-reset', target: 'database-link', with: { after: '5s', share: '33%' }, for: '30s' },
    },
    {
      title: 'Answers break off after a kibibyte',
      step: { inject: 'connection-reset', target: 'api', with: { afterBytes: '1KiB' }, for: '10s' },
    },
  ],
});
