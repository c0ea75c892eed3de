import { defineFault } from '../../model/fault.ts';
import { rate, share } from '../../model/field.ts';
import { contradictsEvery, match, refuseOtherThanHttp, selectionSettings } from '../http-requests/match.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { slowAnswersEffect } from './effect.ts';

/** The bodies of answers on a proxied HTTP link come slowly. */
export const apiBandwidth = defineFault({
  name: 'api-bandwidth',
  summary: 'The bodies of answers on a proxied HTTP link come slowly, of all of them or of those that you choose',
  description: `Reads HTTP/1.1 on the link, or HTTP/2 where its protocol is \`http2\`, and lets no more than \`rate\` of the body of an answer
pass, each answer by itself; its head passes at once. It resembles a download that crawls, or a server that answers from a
slow disk: whoever waits for the whole body waits long, though the answer has begun at once. A time-out that only watches
for the first byte, or for silence, does not notice. To slow down a whole link, uploads as well, take \`network-bandwidth\`.

What a server sends faster waits, about as much as passes in 400 ms (no less than 64 KiB, no more than 16 MiB; over HTTP/2
half a MiB); behind that the server does. Answers on one connection of HTTP/1.1 come in order: one that crawls holds up those
behind it on the same connection, and no others. What waits when the fault is lifted goes on at once. How chunks are framed
counts as body.

On a link with protocol \`http2\` each stream has the rate for itself. TLS, HTTP/1.1 on such a link, HTTP/2 on one with
\`http\`, and what follows an upgrade pass untouched; connections that it cannot read are counted. The answer to a request
whose head was on its way when the fault began is not slowed down.`,
  targets: ['proxy'],
  mechanism: () => ({
    by: 'the fault proxy, which reads HTTP',
    cannot: 'what is encrypted, or not what the protocol of the link says, passes untouched',
  }),
  parameters: {
    rate: rate({
      description: 'How much of the body of each answer may pass a second.',
      default: '64kB/s',
      examples: ['1kB/s', '10Mbit/s'],
    }),
    share: share({
      description: 'The share of the matching requests whose answers are slowed down; which ones is drawn.',
      default: '100%',
      examples: ['10%'],
    }),
    match,
  },
  held: true,
  refuses: refuseOtherThanHttp,
  contradiction: contradictsEvery('share'),
  inject({ rate: bytesPerSecond, share, match }, { id, seed, target }) {
    const settings = { ...selectionSettings(match, share, seed), bytesPerSecond };
    return throughProxy(target, { id, kind: 'http-bandwidth', settings });
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as answers pass'),
    total: async (sight, { rate }) => slowAnswersEffect(await sight.proxy(), rate),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'The export trickles, everything else is as fast as ever',
      step: {
        inject: 'api-bandwidth',
        target: 'api-link',
        with: { rate: '10kB/s', match: { path: '/export/**' } },
        for: '20s',
      },
    },
    {
      title: 'One download of ten crawls',
      step: { inject: 'api-bandwidth', target: 'api-link', with: { rate: '1kB/s', share: '10%' }, for: '1m' },
    },
  ],
});
