import { addressesIn } from '../../host/addresses.ts';
import { deviceTowards } from '../../host/devices.ts';
import type { NetworkLine } from '../../model/operation.ts';
import type { Plan } from '../../model/plan.ts';
import type { NetworkNode } from '../../model/scenario.ts';

/** @throws when a network has no such node */
export function nodeNamed({ targets }: Plan, id: string, name: string): NetworkNode {
  const target = targets.find((one) => one.id === id);
  const node = target?.kind === 'network' ? target.nodes[name] : undefined;
  if (!node) throw new Error(`${id} has no node ${name}`);
  return node;
}

/** Of this machine, or of one elsewhere, there is none. */
export const namespaceOf = (node: NetworkNode): string | undefined => (node.here ? node.namespace : undefined);

/** What others know a node by. @throws with one line when nobody knows it */
export async function addressesOf(plan: Plan, id: string, name: string): Promise<string[]> {
  const node = nodeNamed(plan, id, name);
  const addresses = node.here && node.addresses.length === 0 ? await addressesIn(node.namespace) : node.addresses;
  if (addresses.length === 0) throw new Error(`the node ${name} of ${id} has no address`);
  return addresses;
}

/**
 * By which interfaces of a node what goes to its peers leaves, for each peer by itself.
 * @throws with one line when no way leads to one of them
 */
export async function waysTo(
  plan: Plan,
  id: string,
  { node, peers }: NetworkLine,
): Promise<{ device: string; to: string[] }[]> {
  const namespace = namespaceOf(nodeNamed(plan, id, node));
  const ways = peers.map(async (peer) => {
    const addresses = await addressesOf(plan, id, peer);
    const devices = await Promise.all(addresses.map((address) => deviceTowards(namespace, address)));
    const used = [...new Set(devices)].filter((device) => device !== undefined);
    if (used.length === 0) throw new Error(`no way leads from the node ${node} of ${id} to ${peer}`);
    return used.map((device) => ({ device, to: addresses.filter((_, index) => devices[index] === device) }));
  });
  return (await Promise.all(ways)).flat();
}
