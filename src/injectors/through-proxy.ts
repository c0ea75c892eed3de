import { type Effect, InstrumentGone, type Sight } from '../model/fault.ts';
import type { Action, ProxyFault } from '../model/operation.ts';
import type { Target } from '../model/scenario.ts';

/** Directions as seen from the clients of a link. */
export const wayOnLink = {
  in: 'downstream',
  out: 'upstream',
  both: 'both',
  upstream: 'upstream',
  downstream: 'downstream',
} as const;

/** A fault in the proxy of a link, and what takes it out again. */
export function throughProxy(target: Target | undefined, fault: ProxyFault): { inject: Action[]; undo: Action[] } {
  if (!target) throw new Error(`${fault.kind} needs a link`);
  return {
    inject: [{ op: 'proxy-add', target: target.id, fault }],
    undo: [{ op: 'proxy-remove', target: target.id, faultId: fault.id }],
  };
}

/** Right after it was put in. @param shows when its effect will be seen */
export async function proxyBegun(sight: Sight, shows: string): Promise<Effect> {
  const { inForce } = await sight.proxy();
  if (inForce === 1) return { seen: 'pending', summary: `in force: ${shows}`, figures: {} };
  return { seen: 'unseen', summary: 'the proxy does not know this fault', figures: {} };
}

/** Once it was taken out. A proxy that ended does nothing any more. */
export async function proxyEnded(sight: Sight): Promise<string | undefined> {
  try {
    return (await sight.proxy()).inForce === 1 ? 'it is still in force in the proxy' : undefined;
  } catch (error) {
    if (error instanceof InstrumentGone) return undefined;
    throw error;
  }
}
