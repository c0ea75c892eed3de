import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { plural } from '../../text/plural.ts';

/** What the proxy counted. */
export function resetEffect({ connections = 0, resets = 0 }: ProxyCounters): Effect {
  const figures = { connections, resets };
  if (connections === 0) return { seen: 'unseen', summary: 'there was no connection while it was in force', figures };
  return {
    seen: resets > 0 ? 'seen' : 'unseen',
    summary: `${resets} of ${connections === 1 ? '1 connection' : `${connections} connections`} reset`,
    figures,
  };
}

/** What the kernel counted: packets of connections, and those that were answered by a reset. */
export function packetResetEffect(packets: { met: number; hit: number } | undefined): Effect {
  if (!packets) return { seen: 'unseen', summary: 'the rules were gone before its time', figures: { resets: 0 } };
  const { met, hit } = packets;
  return {
    seen: hit > 0 ? 'seen' : 'unseen',
    summary:
      met === 0
        ? 'nobody sent anything while it was in force'
        : `${hit} of ${plural(met, 'packet')} answered by a reset`,
    figures: { packets: met, resets: hit },
  };
}
