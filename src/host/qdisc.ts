import { isIPv6 } from 'node:net';
import type { Impairment } from '../model/impairment.ts';
import type { Queue } from '../model/operation.ts';
import { listed } from './devices.ts';
import { asAdministratorIn, namespaceExists, toLookInto } from './namespace.ts';
import { askTool } from './tool.ts';

/** What the kernel counted at one place of a queue. */
export interface PacketCounts {
  packets: number;
  bytes: number;
  heldBack: number;
  dropped: number;
}

/** What happens to all that leaves, or to what goes to some addresses. */
export interface Lane {
  /** Which of the lanes of the interface it is, from 0; `undefined` when there are none, and all that leaves is meant. */
  number?: number | undefined;
  to: string[];
  wanted: Impairment;
  /**
   * Whether the two places behind the bucket are there already. They stay, with nothing to do, until the whole queue
   * goes: taking them out would lose what is in them.
   */
  hasNetem: boolean;
}

/** One thing in a queue, as `tc` takes it: where it is, and what it does there. */
export interface Place {
  kind: 'qdisc' | 'class' | 'filter';
  where: string[];
  words: string[];
}

/**
 * The places of a queue that does what is wanted of its lanes, in the order in which they are put in. Of all that leaves:
 *
 *     packets --> tbf (the rate) --> netem (all the rest) --> bfifo (what waits for the rate) --> the line
 *
 * netem hands on what is due whenever the bucket asks, so what waits for the rate waits in the last place, which drops
 * what is too much for it. What goes to some addresses alone has its own three, each below a class of `htb` that limits
 * nothing; what no filter leads there passes at once.
 */
export function placesFor({ handle }: Queue, lanes: Lane[]): Place[] {
  const [whole] = lanes;
  if (whole && whole.number === undefined) return chain(handle, ['root'], whole);
  const root: Place = { kind: 'qdisc', where: ['root', 'handle', handle], words: ['htb'] };
  return [root, ...lanes.flatMap((lane) => laneOf(handle, lane))];
}

function laneOf(root: string, lane: Lane): Place[] {
  const id = `${root}${(lane.number! + 1).toString(16)}`;
  const filters = lane.to.map((address): Place => {
    const [protocol, match, order] = isIPv6(address) ? ['ipv6', 'ip6', '2'] : ['ip', 'ip', '1'];
    const where = ['parent', root, 'protocol', protocol!, 'prio', order!];
    return { kind: 'filter', where: [...where, 'u32', 'match', match!, 'dst', address], words: ['flowid', id] };
  });
  return [
    { kind: 'class', where: ['parent', root, 'classid', id], words: ['htb', ...noRate, ...noRateEver] },
    ...chain(firstHandle(root, lane.number), ['parent', id], lane),
    ...filters, // last, so that nothing comes before there is somewhere to go
  ];
}

function chain(handle: string, at: string[], { wanted, hasNetem }: Lane): Place[] {
  const [netem, last] = [next(handle, 1), next(handle, 2)];
  const bucket: Place = { kind: 'qdisc', where: [...at, 'handle', handle], words: bucketWords(wanted.bytesPerSecond) };
  const { bytesPerSecond, ...others } = wanted;
  if (!hasNetem && Object.keys(others).length === 0) return [bucket];
  return [
    bucket,
    { kind: 'qdisc', where: ['parent', `${handle}1`, 'handle', netem], words: netemWords(others) },
    {
      kind: 'qdisc',
      where: ['parent', `${netem}1`, 'handle', last],
      words: ['bfifo', 'limit', waitingBytes(bytesPerSecond)],
    },
  ];
}

/** So many lanes have handles. */
export const mostLanes = 1000;
/** A run's handle is so much below the last there is, for all that follow it. */
export const handlesBehind = 3 * mostLanes + 1;

const firstHandle = (root: string, number: number | undefined): string =>
  number === undefined ? root : next(root, 1 + 3 * number);

/** The handle of the place where a lane does this: the bucket of a rate, the netem of all else. */
export function handleOf(queue: Queue, number: number | undefined, { bytesPerSecond }: Impairment): string {
  const first = firstHandle(queue.handle, number);
  return bytesPerSecond === undefined ? next(first, 1) : first;
}

/** @param verb `add` refuses to take the place of what somebody else put there */
export const placeArgv = (
  { namespace, device }: Queue,
  verb: 'add' | 'change',
  { kind, where, words }: Place,
): string[] => [...asAdministratorIn(namespace), 'tc', kind, verb, 'dev', device, ...where, ...words];

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
  const all = await listed<{
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
const noRateEver = ['cburst', '8mb', 'quantum', '60000'];
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
