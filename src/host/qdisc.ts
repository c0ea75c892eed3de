import type { QueueCounts } from '../model/fault.ts';
import type { Namespace } from '../model/operation.ts';
import { inNamespace, namespaceExists } from './namespace.ts';
import { askTool } from './tool.ts';

/** A queueing discipline of ours at the root of a network interface, told from those of others by its handle. */
export interface Qdisc {
  namespace?: Namespace | undefined;
  device: string;
  /** `c5a0:` */
  handle: string;
}

/**
 * The interface that is meant when none is named: that of the default route; in a namespace without one the only one there.
 * @throws with one line when that is not one
 */
export async function defaultDevice(namespace: Namespace | undefined): Promise<string> {
  const routes = await json<{ dev: string }>(namespace, 'ip', '-j', 'route', 'show', 'default');
  if (routes[0]) return routes[0].dev;
  const links = await json<{ ifname: string; flags: string[] }>(namespace, 'ip', '-j', 'link', 'show', 'up');
  const devices = links.filter(({ flags }) => !flags.includes('LOOPBACK')).map(({ ifname }) => ifname);
  if (devices.length === 1) return devices[0]!;
  throw new Error(
    `name the "interface": there is no default route, and there are ${devices.join(', ') || 'none but lo'}`,
  );
}

/** `add` refuses to take the place of a discipline that somebody else put there. */
export const addQdiscArgv = ({ namespace, device, handle }: Qdisc, words: string[]): string[] => [
  ...inNamespace(namespace),
  ...['tc', 'qdisc', 'add', 'dev', device, 'root', 'handle', handle, ...words],
];

export const deleteQdiscArgv = ({ namespace, device, handle }: Qdisc): string[] => [
  ...inNamespace(namespace),
  ...['tc', 'qdisc', 'del', 'dev', device, 'root', 'handle', handle],
];

/**
 * Takes it away; the kernel puts back what stood there by default. What is gone already, or went with its interface or
 * namespace, counts as taken away.
 * @throws with one line when it may still be there
 */
export async function deleteQdisc(qdisc: Qdisc): Promise<void> {
  if ((await qdiscCounts(qdisc)) === undefined) return;
  const { code, stderr } = await askTool(deleteQdiscArgv(qdisc));
  if (code !== 0 && (await qdiscCounts(qdisc)) !== undefined)
    throw new Error(`tc cannot remove ${qdisc.handle} from ${qdisc.device}: ${stderr.trim().split('\n')[0]}`);
}

/** @returns what passed it, or `undefined` when it is not there */
export async function qdiscCounts({
  namespace,
  device,
  handle,
}: Qdisc): Promise<Omit<QueueCounts, 'overMs'> | undefined> {
  if (!namespaceExists(namespace)) return undefined;
  const all = await json<{
    handle: string;
    root?: boolean;
    packets: number;
    bytes: number;
    overlimits: number;
    drops: number;
  }>(namespace, ...['tc', '-s', '-j', 'qdisc', 'show', 'dev', device]);
  const ours = all.find((one) => one.handle === handle && one.root);
  return ours && { packets: ours.packets, bytes: ours.bytes, heldBack: ours.overlimits, dropped: ours.drops };
}

async function json<T>(namespace: Namespace | undefined, ...words: string[]): Promise<T[]> {
  const { stdout } = await askTool([...inNamespace(namespace), ...words]);
  try {
    return JSON.parse(stdout) as T[];
  } catch {
    return []; // no such interface
  }
}
