import type { Effect, ProxyCounters } from '../../model/fault.ts';

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
