import type { QueueCounts } from '../model/fault.ts';
import { asAdministrator } from './administrator.ts';
import { inNamespace, namespaceExists } from './namespace.ts';
import { askTool } from './tool.ts';

/** A queueing discipline of ours at the root of a network interface, told from those of others by its handle. */
export interface Qdisc {
  namespace?: string | undefined;
  device: string;
  /** `c5a0:` */
  handle: string;
}

/**
 * The interface that is meant when none is named: that of the default route; in a namespace without one the only one there.
 * @throws with one line when that is not one
 */
export async function defaultDevice(namespace: string | undefined): Promise<string> {
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
  ...asAdministrator(),
  ...inNamespace(namespace),
  ...['tc', 'qdisc', 'add', 'dev', device, 'root', 'handle', handle, ...words],
];

export const deleteQdiscArgv = ({ namespace, device, handle }: Qdisc): string[] => [
  ...asAdministrator(),
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

/** Every discipline of an interface, whoever put it there, a line each. @throws with one line when they cannot be listed */
export async function qdiscsOf({ namespace, device }: Omit<Qdisc, 'handle'>): Promise<string[]> {
  const { code, stdout, stderr } = await askTool([...toLookInto(namespace), ...['tc', 'qdisc', 'show', 'dev', device]]);
  if (code !== 0) throw new Error(stderr.trim().split('\n')[0]);
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

async function json<T>(namespace: string | undefined, ...words: string[]): Promise<T[]> {
  const { stdout } = await askTool([...toLookInto(namespace), ...words]);
  try {
    return JSON.parse(stdout) as T[];
  } catch {
    return []; // no such interface
  }
}

/** Whoever may run `tc` at all may look at queues; into another namespace only root gets. */
const toLookInto = (namespace: string | undefined): string[] =>
  namespace === undefined ? [] : [...asAdministrator(), ...inNamespace(namespace)];
