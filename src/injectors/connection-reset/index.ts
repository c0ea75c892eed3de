import { defineFault } from '../../model/fault.ts';
import { choice, duration, share, size } from '../../model/field.ts';
import { refuseDatagrams } from '../links.ts';
import {
  packetNeeds,
  refusePackets,
  refuseWholeMachine,
  rulesBegun,
  rulesElsewhere,
  rulesEnded,
  rulesMechanism,
  throughRules,
  whichPackets,
} from '../packets.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { packetResetEffect, resetEffect } from './effect.ts';

/** Connections break. */
export const connectionReset = defineFault({
  name: 'connection-reset',
  summary: 'Connections break with a reset, as when a server crashes or a firewall forgets them',
  description: `Ends connections with a TCP reset (RST) on both sides: those that exist, idle ones too, and those that come while it is
in force. What has not been delivered is lost, and whoever reads or writes learns it at once ("connection reset by peer").

Without \`after\` and \`afterBytes\` they break as soon as they are made. With \`after\` each breaks that long after the fault
began, or after it was made; with \`afterBytes\`, when that much has passed in \`direction\`, in the middle of an answer or of a request.

On a host, each TCP connection that is meant breaks with its next packet: the kernel answers whoever sends with a reset, and
refuses whoever connects (\`nft\`, in a table of this injection's own). A connection on which nobody sends lives on, and after
the end, too. Where the fault has a planned end the kernel ends it by itself ten seconds after it, even if every process of
ours is gone.

${rulesElsewhere}`,
  targets: ['proxy', 'host', 'process', 'network'],
  mechanism: (on) =>
    on === 'proxy'
      ? { by: 'the fault proxy' }
      : rulesMechanism(on, 'a connection on which nobody sends does not break'),
  needs: packetNeeds,
  parameters: {
    after: duration({ description: 'How long a connection lasts.', optional: true, examples: ['500ms', '5s'] }),
    afterBytes: size({ description: 'How much may pass.', optional: true, examples: ['1KiB', '100KiB'] }),
    direction: choice(['upstream', 'downstream', 'both'])({
      description:
        'Where `afterBytes` counts. `upstream`: what the client sends to the server. `downstream`: what the server sends to the client. `both`: each by itself.',
      default: 'downstream',
    }),
    share: share({
      description: 'The share of connections that it works on; which ones is drawn, the same way in every run.',
      default: '100%',
      examples: ['30%'],
    }),
    ...whichPackets,
  },
  held: true,
  refuses(target, { after, afterBytes, peers, ports, sides }) {
    const refusal = refusePackets(target, { peers, ports, sides });
    if (refusal !== undefined) return refusal;
    if (target.kind === 'proxy')
      return afterBytes !== undefined && afterBytes < 1
        ? 'what breaks before anything has passed breaks when it is made: leave out "afterBytes"'
        : refuseDatagrams(target, 'there are no connections to reset');
    if (after !== undefined || afterBytes !== undefined)
      return 'away from a proxied link a connection breaks with its next packet: leave out "after" and "afterBytes"';
    return refuseWholeMachine(target, { peers, ports });
  },
  contradiction({ after, afterBytes, direction }) {
    if (after !== undefined && afterBytes !== undefined) return 'give "after" or "afterBytes", not both';
    return afterBytes === undefined && direction !== undefined
      ? '"direction" says where "afterBytes" counts: give that as well, or leave it out'
      : undefined;
  },
  inject({ after, afterBytes, direction, share, peers = [], ports = [], sides }, { id, seed, target }) {
    if (target && target.kind !== 'proxy')
      return throughRules(target, {
        direction: 'both',
        peers,
        ports,
        sides,
        share,
        drawnFor: 'connection',
        verdict: 'reject',
      });
    const when =
      after === undefined
        ? afterBytes === undefined
          ? {}
          : { afterBytes, direction }
        : { afterMs: Math.max(1, after) };
    return throughProxy(target, { id, kind: 'reset', settings: { share, seed, ...when } });
  },
  observe: {
    inForce: (sight) =>
      sight.on === 'proxy' ? proxyBegun(sight, 'what it does shows as connections break') : rulesBegun(sight),
    total: async (sight) =>
      sight.on === 'proxy' ? resetEffect(await sight.proxy()) : packetResetEffect(await sight.packets()),
    gone: (sight) => (sight.on === 'proxy' ? proxyEnded(sight) : rulesEnded(sight)),
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
    {
      title: 'A firewall forgets every connection to the database',
      step: { inject: 'connection-reset', target: 'machine', with: { peers: ['10.0.0.5'], ports: [5432] }, for: '1s' },
    },
  ],
});
