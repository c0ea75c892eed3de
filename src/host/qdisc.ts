import type { Impairment } from '../model/impairment.ts';
import type { Namespace } from '../model/operation.ts';
import { asAdministratorIn, namespaceExists } from './namespace.ts';
import { askTool } from './tool.ts';

/** The queue of a run at the root of a network interface, told from those of others by its handle. */
export interface Queue {
  namespace?: Namespace | undefined;
  device: string;
  /** `c5a0:`; the two after it are ours as well. */
  handle: string;
}

/** What the kernel counted at one place of a queue. */
export interface PacketCounts {
  packets: number;
  bytes: number;
  heldBack: number;
  dropped: number;
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

/**
 * One place in a queue:
 *
 *     packets --> tbf (the rate) --> netem (all the rest) --> bfifo (what waits for the rate) --> the line
 *
 * netem hands on what is due whenever the bucket asks, so what waits for the rate waits in the last place, which drops
 * what is too much for it.
 */
export interface Place {
  handle: string;
  /** Where it hangs, and what it does there, as tc takes it. */
  at: string[];
  words: string[];
}

/**
 * The places of a queue that does what is wanted, from the root on.
 * @param hasNetem whether the two behind the bucket are there already. They stay, with nothing to do, until the whole
 * queue goes: taking them out would lose what is in them.
 */
export function placesFor({ handle }: Queue, wanted: Impairment, hasNetem: boolean): Place[] {
  const [root, netem, last] = [handle, next(handle, 1), next(handle, 2)];
  const bucket: Place = { handle: root, at: ['root'], words: bucketWords(wanted.bytesPerSecond) };
  const { bytesPerSecond: _, ...others } = wanted;
  if (!hasNetem && Object.keys(others).length === 0) return [bucket];
  return [
    bucket,
    { handle: netem, at: ['parent', `${root}1`], words: netemWords(others) },
    { handle: last, at: ['parent', `${netem}1`], words: ['bfifo', 'limit', waitingBytes(wanted.bytesPerSecond)] },
  ];
}

/** The handle of the place where a queue does this. */
export const handleOf = ({ handle }: Queue, { bytesPerSecond }: Impairment): string =>
  bytesPerSecond === undefined ? next(handle, 1) : handle;

/** @param verb `add` refuses to take the place of what somebody else put there */
export const placeArgv = ({ namespace, device }: Queue, verb: 'add' | 'change', place: Place): string[] => [
  ...asAdministratorIn(namespace),
  ...['tc', 'qdisc', verb, 'dev', device, ...place.at, 'handle', place.handle, ...place.words],
];

export const deleteQueueArgv = ({ namespace, device, handle }: Queue): string[] => [
  ...asAdministratorIn(namespace),
  ...['tc', 'qdisc', 'del', 'dev', device, 'root', 'handle', handle],
];

/**
 * Takes it away with all that it does; the kernel puts back what stood there by default. What is gone already, or went
 * with its interface or namespace, counts as taken away.
 * @throws with one line when it may still be there
 */
export async function deleteQueue(queue: Queue): Promise<void> {
  if ((await packetCountsAt(queue, queue.handle)) === undefined) return;
  const { code, stderr } = await askTool(deleteQueueArgv(queue));
  if (code !== 0 && (await packetCountsAt(queue, queue.handle)) !== undefined)
    throw new Error(`tc cannot remove ${queue.handle} from ${queue.device}: ${stderr.trim().split('\n')[0]}`);
}

/** @returns what passed one place of a queue, or `undefined` when it is not there */
export async function packetCountsAt({ namespace, device }: Queue, handle: string): Promise<PacketCounts | undefined> {
  if (!namespaceExists(namespace)) return undefined;
  const all = await json<{
    handle: string;
    packets: number;
    bytes: number;
    overlimits: number;
    drops: number;
  }>(namespace, ...['tc', '-s', '-j', 'qdisc', 'show', 'dev', device]);
  const place = all.find((one) => one.handle === handle);
  return place && { packets: place.packets, bytes: place.bytes, heldBack: place.overlimits, dropped: place.drops };
}

/** Every discipline of an interface, whoever put it there, a line each. @throws with one line when they cannot be listed */
export async function qdiscsOf({ namespace, device }: Omit<Queue, 'handle'>): Promise<string[]> {
  const { code, stdout, stderr } = await askTool([...toLookInto(namespace), ...['tc', 'qdisc', 'show', 'dev', device]]);
  if (code !== 0) throw new Error(stderr.trim().split('\n')[0]);
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const next = (handle: string, by: number): string => `${(Number.parseInt(handle, 16) + by).toString(16)}:`;

/** What is sent at once, and so how exact the rate is within a second: what it makes in so many seconds. */
const burstSeconds = 0.005;
const leastBurstBytes = 3200;
const burstBytes = (bytesPerSecond: number): number =>
  Math.max(leastBurstBytes, Math.round(bytesPerSecond * burstSeconds));

/** For how long what is faster than the rate waits before it is dropped. */
const waitingSeconds = 0.4;

/** So much that nothing waits or is dropped. */
const noRate = ['rate', '1tbit', 'burst', '8mb'];
const plentyBytes = 2 ** 30;

const bucketWords = (bytesPerSecond: number | undefined): string[] => [
  'tbf',
  ...(bytesPerSecond === undefined
    ? noRate
    : ['rate', `${Math.round(bytesPerSecond * 8)}bit`, 'burst', String(burstBytes(bytesPerSecond))]),
  ...['limit', waitingBytes(bytesPerSecond)],
];

const waitingBytes = (bytesPerSecond: number | undefined): string =>
  String(
    bytesPerSecond === undefined
      ? plentyBytes
      : Math.min(plentyBytes, Math.round(bytesPerSecond * waitingSeconds) + burstBytes(bytesPerSecond)),
  );

/** How many packets may wait at once: those of a second at a gigabit. By default netem drops what is over a thousand. */
const roomToWait = '100000';

/** All of it is said each time: what is left unsaid netem keeps as it was. */
const netemWords = ({ delay, loss = 0, duplication = 0, corruption = 0, overtaking = 0 }: Impairment): string[] => [
  ...['netem', 'limit', roomToWait],
  ...['delay', `${delay?.latencyMs ?? 0}ms`, `${delay?.jitterMs ?? 0}ms`, percent(delay?.correlation ?? 0)],
  ...['loss', percent(loss), 'duplicate', percent(duplication), 'corrupt', percent(corruption)],
  ...(overtaking > 0 ? ['reorder', percent(overtaking)] : []),
];

/** As tc takes it: `30%`. */
const percent = (share: number): string => `${Number((share * 100).toFixed(4))}%`;

async function json<T>(namespace: Namespace | undefined, ...words: string[]): Promise<T[]> {
  const { stdout } = await askTool([...toLookInto(namespace), ...words]);
  try {
    return JSON.parse(stdout) as T[];
  } catch {
    return []; // no such interface
  }
}

/** Whoever may run `tc` at all may look at queues; into another namespace only root gets. */
const toLookInto = (namespace: Namespace | undefined): string[] =>
  namespace === undefined ? [] : asAdministratorIn(namespace);
