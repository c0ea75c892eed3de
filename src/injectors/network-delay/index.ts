import { defineFault } from '../../model/fault.ts';
import { choice, duration, share } from '../../model/field.ts';
import { proxyBegun, proxyEnded } from '../through-proxy.ts';
import { delayEffect } from './effect.ts';

/** Bytes on a proxied link arrive later. */
export const networkDelay = defineFault({
  name: 'network-delay',
  summary: 'Everything on a proxied link arrives later, as over a longer or a congested line',
  description: `Holds back what flows over the link: bytes, the end of a connection and resets alike. Nothing is lost or
reordered, and nothing arrives early: the delay is at least what was asked for. It is pipelined like a long line, so
throughput stays what the window of the sender allows (up to 16 MiB wait in each direction of a connection).

\`latency\` is added once in each direction that \`direction\` names. With the default, \`downstream\` (from the server to
its client), every round trip grows by \`latency\`; with \`both\` it grows by twice that.

It works on connections that exist already as well as on new ones, and what waits when it is lifted goes on at once.
It does not delay the acceptance of a connection, and what goes around the link it cannot see.`,
  targets: ['proxy'],
  mechanism: () => ({ by: 'the fault proxy', cannot: 'making a connection takes no longer' }),
  parameters: {
    latency: duration({
      description: 'How much later everything arrives, one way, in each direction that is delayed.',
      drawn: ['100ms', '1s'],
      examples: ['20ms', '1s'],
    }),
    jitter: duration({
      description:
        'How far each delay may lie from `latency`, to either side, drawn evenly and never below 0. The same injection draws the same delays in every run.',
      default: '0ms',
      examples: ['10ms'],
    }),
    direction: choice(['upstream', 'downstream', 'both'])({
      description:
        '`upstream`: from the client to the server. `downstream`: from the server to the client. `both`: a round trip grows by twice the latency.',
      default: 'downstream',
    }),
    share: share({
      description: 'The share of connections that it works on; which ones is drawn, the same way in every run.',
      default: '100%',
      examples: ['30%'],
    }),
  },
  held: true,
  inject(parameters, { id, target }) {
    if (!target) throw new Error('network-delay needs a target');
    const settings = {
      latencyMs: parameters.latency,
      jitterMs: parameters.jitter,
      direction: parameters.direction,
      share: parameters.share,
      seed: id,
    };
    return {
      inject: [{ op: 'proxy-add', target: target.id, fault: { id, kind: 'delay', settings } }],
      undo: [{ op: 'proxy-remove', target: target.id, faultId: id }],
    };
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as bytes pass'),
    total: async (sight, { latency }) => delayEffect(await sight.proxy(), latency),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'The database moves to another continent',
      step: { inject: 'network-delay', target: 'database-link', with: { latency: '80ms', jitter: '5ms' }, for: '10s' },
    },
    {
      title: 'A third of the connections cross a bad line, both ways',
      step: {
        inject: 'network-delay',
        target: 'database-link',
        with: { latency: '250ms', direction: 'both', share: '33%' },
        for: '30s',
      },
    },
  ],
});
