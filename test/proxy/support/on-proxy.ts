import type { Effect, Fault, Sight } from '../../../src/model/fault.ts';
import type { ProxyTarget } from '../../../src/model/scenario.ts';
import type { Rig } from './rig.ts';

/** An injection on a link of the rig: its descriptor's own actions and observer, carried out on the real proxy. */
export function onProxy(rig: Rig, fault: Fault, parameters: object, link: string, id: string) {
  const target = proxyTarget(link, 'postgres');
  const decoded = parameters as never;
  const actions = fault.inject(decoded, { id, seed: id, target });
  const sight: Sight = {
    id,
    on: 'proxy',
    processes: async () => [],
    usage: async () => [],
    report: () => Promise.reject(new Error('there is none')),
    fileLimits: async () => [],
    clock: () => Promise.reject(new Error('there is none')),
    traced: async () => undefined,
    packets: async () => undefined,
    queue: async () => undefined,
    resolver: () => Promise.reject(new Error('no resolver here')),
    proxy: () => rig.control.counters(link, id),
    results: [],
    until: async (_, check) => check(),
  };
  return {
    async inject(): Promise<void> {
      for (const action of actions.inject)
        if (action.op === 'proxy-add') await rig.control.add(action.target, action.fault);
    },
    async undo(): Promise<void> {
      for (const action of actions.undo)
        if (action.op === 'proxy-remove') await rig.control.remove(action.target, action.faultId);
    },
    inForce: (): Promise<Effect> => fault.observe.inForce(sight, decoded),
    total: (): Promise<Effect> => fault.observe.total!(sight, decoded),
    gone: async (): Promise<string | undefined> => fault.observe.gone!(sight, decoded),
  };
}

export const proxyTarget = (id: string, protocol: ProxyTarget['protocol']): ProxyTarget => ({
  id,
  path: `/targets/${id}`,
  needs: [],
  kind: 'proxy',
  listen: '127.0.0.1:0',
  upstream: '127.0.0.1:1',
  protocol,
});
