import type { Effect, Sight } from '../model/fault.ts';
import { text } from '../model/field.ts';
import type { Impairment } from '../model/impairment.ts';
import type { KernelFeature, Need } from '../model/need.ts';
import type { Action } from '../model/operation.ts';
import type { Target, TargetKind } from '../model/scenario.ts';
import { refuseSharedNetwork } from './packets.ts';
import { departures, refuseSides, whichSides } from './sides.ts';

/** What every fault needs on a host that works by how an interface queues what it sends. */
export const queueNeeds =
  (...features: KernelFeature[]) =>
  (target: TargetKind | undefined): Need[] => {
    const queues: Need[] = [
      { need: 'program', program: 'tc', package: 'iproute2' },
      { need: 'program', program: 'ip', package: 'iproute2' },
      ...features.map((feature): Need => ({ need: 'kernel', feature })),
    ];
    const root: Need = { need: 'root', why: 'change how an interface sends', sudo: ['tc', 'ip'] };
    if (target === 'host') return [root, ...queues];
    if (target === 'network') return [root, ...queues, { need: 'kernel', feature: 'traffic classes' }];
    return target === 'process' ? [{ need: 'network namespaces' }, ...queues] : [];
  };

const networkInterface = text({
  description:
    'On a host: the interface through which packets leave. By default that of the default route, or the only one of a namespace.',
  pattern: '^[^\\s/]{1,15}$',
  optional: true,
  examples: ['eth0', 'lo'],
});

/** What of that leaves is meant. */
export const whatLeaves = { interface: networkInterface, ...whichSides };

/** What overtakes is delayed by nobody: an interface bears a fault of the order of packets or faults that delay them. */
export const orderOnInterface = (
  on: TargetKind | undefined,
  { interface: device = 'of the default route' }: { interface?: string | undefined },
): string | undefined => {
  if (on === 'network') return 'order of packets between sides';
  return on === 'host' || on === 'process' ? `order of packets on the interface ${device}` : undefined;
};

/** For the descriptions of all that work by queues. */
export const queueOnProcess = `On a process with \`isolate: network\` it works on the one interface of its network namespace, through which everything passes
that the process sends and gets: both directions are met. No root is needed, and nobody else is met.`;

/** For the descriptions of all that work by queues. */
export const queueInNetwork = `In a network it works between \`sides\`, both ways: on each host here, on what goes to those of other sides, by whichever
interface leads there, and on nothing else that leaves by it. Each two hosts have a line of their own. What a node elsewhere
sends is not met, so between it and us it is one way. Several such faults work at once, between the same sides or others; but
not beside one on all that leaves the same interface (a \`host\`).`;

/** @returns why such a target does not fit */
export function refuseQueue(
  target: Target,
  { interface: device, sides }: { interface?: string | undefined; sides?: string[][] | undefined },
): string | undefined {
  if (target.kind === 'network' && device !== undefined)
    return 'in a network it is the interface that leads to the other side: leave out "interface"';
  if (target.kind === 'process' && device !== undefined)
    return 'an isolated process has one interface: leave out "interface"';
  return refuseSides(target, { sides }) ?? refuseSharedNetwork(target);
}

/** All that an isolated process has. */
const loopback = 'lo';

/** What happens to all that leaves an interface, or goes from side to side, and what ends it. */
export function throughQueue(
  target: Target,
  { interface: device, sides }: { interface?: string | undefined; sides?: string[][] | undefined },
  impairment: Impairment,
): { inject: Action[]; undo: Action[] } {
  const at = target.kind === 'process' ? loopback : device;
  const places =
    target.kind === 'network'
      ? departures(target, sides).map((line) => ({ target: target.id, line }))
      : [{ target: target.id, ...(at === undefined ? {} : { interface: at }) }];
  return {
    inject: places.map((where) => ({ op: 'qdisc-add', ...where, impairment })),
    undo: places.map((where) => ({ op: 'qdisc-delete', ...where })),
  };
}

/** Right after it was put in. */
export async function queueBegun(sight: Sight): Promise<Effect> {
  if (await sight.queue())
    return { seen: 'pending', summary: 'in force: what it does shows as packets leave', figures: {} };
  return { seen: 'unseen', summary: 'its queue is not there', figures: {} };
}

export const queueEnded = async (sight: Sight): Promise<string | undefined> =>
  (await sight.queue()) === undefined ? undefined : 'it is still in its queue';
