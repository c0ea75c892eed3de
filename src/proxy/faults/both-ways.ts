import type { ProxyCounters } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { FaultKind, LinkFault, Parts } from './fault.ts';
import { oneOf } from './settings.ts';

const ways = ['upstream', 'downstream'] as const;

/** A kind that works by a stage in one `direction`, made one that takes `both`, too. */
export const bothWays = (kind: FaultKind): FaultKind => ({
  ...kind,
  begin(settings, tools) {
    const direction = oneOf(settings, 'direction', [...ways, 'both']);
    const inForce = ways.filter((way) => direction === 'both' || direction === way);
    const begun = inForce.map((way) => ({ way, fault: kind.begin({ ...settings, direction: way }, tools) }));
    const change = (changed: JsonObject) => {
      for (const { way, fault } of begun) fault.change!({ ...changed, direction: way });
    };
    return {
      join: (connection) => together(begun.map(({ fault }) => fault.join(connection))),
      ...(begun.every(({ fault }) => fault.change) ? { change } : {}),
      counters: () => summed(begun.map(({ fault }) => fault)),
    };
  },
});

/** The parts of one direction and those of the other. */
function together(parts: Parts[]): Parts {
  return {
    near: 'wire',
    upstream: parts.find(({ upstream }) => upstream)?.upstream,
    downstream: parts.find(({ downstream }) => downstream)?.downstream,
  };
}

/** A connection counts once, whichever of its directions are met. */
function summed(faults: LinkFault[]): ProxyCounters {
  const all = faults.map((fault) => fault.counters());
  const sum: ProxyCounters = {};
  for (const counters of all)
    for (const [name, value] of Object.entries(counters))
      sum[name] = name === 'connections' ? value : (sum[name] ?? 0) + value;
  return sum;
}
