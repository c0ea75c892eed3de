import { crc32 } from 'node:zlib';
import { defaultDevice } from '../../host/devices.ts';
import { tableName } from '../../host/nft.ts';
import { handlesBehind } from '../../host/qdisc.ts';
import type { Action, Namespace, NetworkLine, Queue, WayOut } from '../../model/operation.ts';
import type { PacketRules } from '../../model/packet-rules.ts';
import type { Context } from '../context.ts';
import { addressesOf, namespaceOf, nodeNamed, waysTo } from './nodes.ts';
import { networkOf } from './targets.ts';

/** Where what is meant leaves: by one interface, or in a network by each that leads to one of the peers. */
export async function waysOut(
  { target, interface: named, line }: { target: string; interface?: string; line?: NetworkLine },
  context: Context,
): Promise<WayOut[]> {
  if (!line) {
    const { namespace } = networkOf(target, context);
    return [{ queue: queueOn(namespace, named ?? (await defaultDevice(namespace)), context) }];
  }
  const namespace = namespaceOf(nodeNamed(context.plan, target, line.node));
  const ways = await waysTo(context.plan, target, line);
  return ways.map(({ device, to }) => ({ queue: queueOn(namespace, device, context), to }));
}

/** The same, each interface once. */
export async function queuesOf(...about: Parameters<typeof waysOut>): Promise<Queue[]> {
  const ways = await waysOut(...about);
  return [...new Map(ways.map(({ queue }) => [queue.device, queue])).values()];
}

function queueOn(namespace: Namespace | undefined, device: string, context: Context): Queue {
  // Handles below 8000 are given by hand, and by us only above.
  const room = 0xffff - 0x8001 - handlesBehind;
  const handle = `${(0x8001 + (crc32(`${context.run}/${namespace ?? ''}/${device}`) % room)).toString(16)}:`;
  return { device, handle, ...(namespace === undefined ? {} : { namespace }) };
}

export function tableOf(
  { target, line }: { target: string; line?: NetworkLine },
  step: string,
  context: Context,
): { namespace?: Namespace; table: string } {
  if (!line) return { table: tableName(context.run, step), ...networkOf(target, context) };
  const node = nodeNamed(context.plan, target, line.node);
  const table = tableName(context.run, `${step}/${line.node}/${line.direction}`);
  const namespace = namespaceOf(node);
  return { table, ...(namespace === undefined ? {} : { namespace }) };
}

/** With the addresses of those who are meant by name. */
export async function rulesOf(
  { target, line, rules }: Extract<Action, { op: 'nft-add' }>,
  context: Context,
): Promise<PacketRules> {
  if (!line) return rules;
  const peers = await Promise.all(line.peers.map((name) => addressesOf(context.plan, target, name)));
  return { ...rules, peers: peers.flat() };
}
