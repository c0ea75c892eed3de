import { chance } from '../../model/chance.ts';
import type { ProxyCounters } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { DatagramFaultKind } from '../datagrams/fault.ts';
import type { FaultKind, Tools } from './fault.ts';
import { numberWithin, textOf } from './settings.ts';

const apart = { near: 'wire', upstream: undefined, downstream: undefined } as const;

/** A kind made one that takes a `share` of connections, too: which ones is drawn from the seed. Of datagrams, of clients. */
export function onShare(kind: FaultKind): FaultKind;
export function onShare(kind: DatagramFaultKind): DatagramFaultKind;
export function onShare<C extends { number: number }, P>(kind: {
  begin(settings: JsonObject, tools: Tools): { join(connection: C): P; counters(): ProxyCounters };
}) {
  return {
    ...kind,
    begin(settings: JsonObject, tools: Tools) {
      const fault = kind.begin(settings, tools);
      const share = Object.hasOwn(settings, 'share') ? numberWithin(settings, 'share', 0, 1) : 1;
      if (share === 1) return fault;
      const seed = textOf(settings, 'seed');
      const isHit = ({ number }: C) => chance(`${seed}/${number}`)() < share;
      let sparedConnections = 0;
      return {
        ...fault,
        join(connection: C) {
          if (isHit(connection)) return fault.join(connection);
          sparedConnections += 1;
          return apart;
        },
        counters: () => ({ ...fault.counters(), sparedConnections }),
      };
    },
  };
}
