import type { Effect, Sight } from '../model/fault.ts';
import { text } from '../model/field.ts';
import type { Impairment } from '../model/impairment.ts';
import type { KernelFeature, Need } from '../model/need.ts';
import type { Action } from '../model/operation.ts';
import type { Target, TargetKind } from '../model/scenario.ts';
import { refuseSharedNetwork } from './packets.ts';

/** What every fault needs on a host that works by how an interface queues what it sends. */
export const queueNeeds =
  (...features: KernelFeature[]) =>
  (target: TargetKind | undefined): Need[] => {
    const queues: Need[] = [
      { need: 'program', program: 'tc', package: 'iproute2' },
      { need: 'program', program: 'ip', package: 'iproute2' },
      ...features.map((feature): Need => ({ need: 'kernel', feature })),
    ];
    if (target === 'host')
      return [{ need: 'root', why: 'change how an interface sends', sudo: ['tc', 'ip'] }, ...queues];
    return target === 'process' ? [{ need: 'network namespaces' }, ...queues] : [];
  };

export const networkInterface = text({
  description:
    'On a host: the interface through which packets leave. By default that of the default route, or the only one of a namespace.',
  pattern: '^[^\\s/]{1,15}$',
  optional: true,
  examples: ['eth0', 'lo'],
});

/** What overtakes is delayed by nobody: an interface bears a fault of the order of packets or faults that delay them. */
export const orderOnInterface = (
  on: TargetKind | undefined,
  { interface: device = 'of the default route' }: { interface?: string | undefined },
): string | undefined =>
  on === 'host' || on === 'process' ? `order of packets on the interface ${device}` : undefined;

/** For the descriptions of all that work by queues. */
export const queueOnProcess = `On a process with \`isolate: network\` it works on the one interface of its network namespace, through which everything passes
that the process sends and gets: both directions are met. No root is needed, and nobody else is met.`;

/** @returns why such a target does not fit */
export function refuseInterface(target: Target, device: string | undefined): string | undefined {
  if (target.kind !== 'process' || device === undefined) return refuseSharedNetwork(target);
  return 'an isolated process has one interface: leave out "interface"';
}

/** All that an isolated process has. */
const loopback = 'lo';

/** What happens to all that leaves an interface, and what ends it. */
export function throughQueue(
  target: Target,
  device: string | undefined,
  impairment: Impairment,
): { inject: Action[]; undo: Action[] } {
  const at = target.kind === 'process' ? loopback : device;
  const where = { target: target.id, ...(at === undefined ? {} : { interface: at }) };
  return { inject: [{ op: 'qdisc-add', ...where, impairment }], undo: [{ op: 'qdisc-delete', ...where }] };
}

/** Right after it was put in. */
export async function queueBegun(sight: Sight): Promise<Effect> {
  if (await sight.queue())
    return { seen: 'pending', summary: 'in force: what it does shows as packets leave', figures: {} };
  return { seen: 'unseen', summary: 'its queue is not there', figures: {} };
}

export const queueEnded = async (sight: Sight): Promise<string | undefined> =>
  (await sight.queue()) === undefined ? undefined : 'it is still in its queue';
