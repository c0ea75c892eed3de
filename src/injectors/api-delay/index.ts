import { defineFault } from '../../model/fault.ts';
import { choice, duration, share } from '../../model/field.ts';
import { contradictsEvery, match, refuseOtherThanHttp, selectionSettings } from '../http-requests/match.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { delayEffect } from './effect.ts';

/** Answers on a proxied HTTP link come later. */
export const apiDelay = defineFault({
  name: 'api-delay',
  summary: 'Requests on a proxied HTTP link are answered later, all of them or those that you choose',
  description: `Reads HTTP/1.1 on the link, or HTTP/2 where its protocol is \`http2\`, and holds back the first byte of an answer for
\`latency\`, counted from when the server began to answer; the rest of the answer follows as it comes, or with \`of: whole\`
each of its bytes as much later as the first. It resembles an endpoint that has become slow while others are not: choose it
with \`match\`. To slow down a whole link, connections and uploads as well, take \`network-delay\`; for answers that trickle,
\`api-bandwidth\`.

The server itself is as fast as ever, and gets each request at once. Answers on one connection come in order: one that
is held holds up those behind it on the same connection, and no others. \`100 Continue\` and other interim answers are not
held. What waits when the fault is lifted goes on at once.

On a link with protocol \`http2\` each stream waits for itself, and of a body that is delayed no more than half a MiB waits.
TLS, HTTP/1.1 on such a link, HTTP/2 on one with \`http\`, and what follows an upgrade pass untouched; connections that it
cannot read are counted. A request whose head was on its way when the fault began is not delayed.`,
  targets: ['proxy'],
  mechanism: () => ({
    by: 'the fault proxy, which reads HTTP',
    cannot: 'what is encrypted, or not what the protocol of the link says, passes untouched',
  }),
  parameters: {
    latency: duration({
      description: 'How much later the answer begins.',
      default: '500ms',
      examples: ['50ms', '2s'],
    }),
    jitter: duration({
      description:
        'How far each delay may lie from `latency`, to either side, drawn evenly and never below 0. The same injection draws the same delays in every run.',
      default: '0ms',
      examples: ['100ms'],
    }),
    of: choice(['first-byte', 'whole'])({
      description:
        'What is held back: the beginning of the answer, so that a slow stream catches up; or the whole, so that it keeps its rhythm and ends as much later as it begins.',
      default: 'first-byte',
    }),
    rate: share({
      description: 'The share of the matching requests that is delayed; which ones is drawn.',
      default: '100%',
      examples: ['10%'],
    }),
    match,
  },
  held: true,
  refuses: refuseOtherThanHttp,
  contradiction: contradictsEvery('rate'),
  inject({ latency, jitter, of, rate, match }, { id, seed, target }) {
    const settings = { ...selectionSettings(match, rate, seed), latencyMs: latency, jitterMs: jitter, of };
    return throughProxy(target, { id, kind: 'http-delay', settings });
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as requests pass'),
    total: async (sight, { latency }) => delayEffect(await sight.proxy(), latency),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'The search becomes slow, everything else does not',
      step: {
        inject: 'api-delay',
        target: 'api-link',
        with: { latency: '2s', jitter: '500ms', match: { path: '/search/**' } },
        for: '20s',
      },
    },
    {
      title: 'One request of ten hangs for half a minute',
      step: { inject: 'api-delay', target: 'api-link', with: { latency: '30s', rate: '10%' }, for: '1m' },
    },
  ],
});
