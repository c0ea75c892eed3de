import type { Violation } from '../../model/event.ts';
import { formatOffset } from '../../text/offset.ts';

/** Something done to a register. */
export interface Operation {
  is: 'write' | 'read';
  /** Written once at most. */
  value: string;
  begunMs: number;
  /** Infinity: nobody knows whether it took effect, or when. */
  endedMs: number;
}

/** A write and the reads that saw it. */
interface Cluster {
  value: string;
  write: Operation;
  reads: Operation[];
  /** When the first of them had ended, and when the last began: the value stood there from one to the other, or some time within. */
  firstEndMs: number;
  lastBeginMs: number;
}

/**
 * What keeps a history of one register from being linearizable; nothing, when it is. As every value is written once, each
 * read tells which write it saw, and the question is decided exactly by sorting.
 *
 * A write and its reads must stand together. Where one of them ended before another began, the value stood there from the
 * first end to the last beginning at least (a forward zone): two such may not overlap, and no write with its reads may have
 * had to happen within one.
 * @param before what stood there before
 * @param history in any order
 * @see P. B. Gibbons, E. Korach: Testing Shared Memories, SIAM Journal on Computing 26 (1997), 4.1;
 * M. Herlihy, J. Wing: Linearizability, ACM TOPLAS 12 (1990)
 */
export function brokenOrders(before: string, history: Operation[]): Violation[] {
  const { clusters, violations } = clustersOf(before, history);
  const forward = clusters.filter(isForward).sort((one, other) => one.firstEndMs - other.firstEndMs);
  // One that shows an old value is told once, with the last that had taken its place.
  const supersededBy = new Map<Cluster, Cluster>();
  const accuse = (outer: Cluster, inner: Cluster): void => {
    const known = supersededBy.get(outer);
    if (!known || known.firstEndMs < inner.firstEndMs) supersededBy.set(outer, inner);
  };
  let widest: Cluster | undefined;
  for (const zone of forward) {
    if (widest && zone.firstEndMs < widest.lastBeginMs) accuse(widest, zone);
    if (!widest || zone.lastBeginMs > widest.lastBeginMs) widest = zone;
  }
  for (const cluster of clusters.filter((one) => !isForward(one))) {
    const around = zoneAround(forward, cluster);
    if (around) accuse(around, cluster);
  }
  for (const [outer, inner] of supersededBy) violations.push(besideEachOther(outer, inner));
  return violations.sort((one, other) => one.atMs - other.atMs);
}

function clustersOf(before: string, history: Operation[]) {
  const violations: Violation[] = [];
  const initial: Operation = {
    is: 'write',
    value: before,
    begunMs: Number.NEGATIVE_INFINITY,
    endedMs: Number.NEGATIVE_INFINITY,
  };
  const byValue = new Map<string, Cluster>();
  for (const write of [initial, ...history.filter(({ is }) => is === 'write')]) {
    const { value, endedMs, begunMs } = write;
    byValue.set(value, { value, write, reads: [], firstEndMs: endedMs, lastBeginMs: begunMs });
  }
  for (const read of history.filter(({ is }) => is === 'read')) {
    const cluster = byValue.get(read.value);
    if (!cluster) {
      violations.push({ atMs: read.endedMs, message: `${said(read)}, which nobody wrote` });
      continue;
    }
    if (read.endedMs < cluster.write.begunMs) {
      violations.push({ atMs: read.endedMs, message: `${said(read)}, before it was written` });
      continue;
    }
    cluster.reads.push(read);
    cluster.firstEndMs = Math.min(cluster.firstEndMs, read.endedMs);
    cluster.lastBeginMs = Math.max(cluster.lastBeginMs, read.begunMs);
  }
  // A write that was not acknowledged and that nobody saw may never have happened.
  const clusters = [...byValue.values()].filter(({ firstEndMs }) => firstEndMs !== Number.POSITIVE_INFINITY);
  return { clusters, violations };
}

/** Whether one of its operations ended before another began. */
const isForward = ({ firstEndMs, lastBeginMs }: Cluster): boolean => firstEndMs < lastBeginMs;

/** The forward zone that a cluster whose operations all overlap lies within, and so cannot stand before or behind. */
function zoneAround(forward: Cluster[], { firstEndMs, lastBeginMs }: Cluster): Cluster | undefined {
  let [low, high] = [0, forward.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (forward[middle]!.firstEndMs < lastBeginMs) low = middle + 1;
    else high = middle;
  }
  // Of zones that do not overlap, the last that begins before it is the only one that may reach behind it.
  const zone = forward[low - 1];
  return zone && zone.lastBeginMs > firstEndMs ? zone : undefined;
}

/** `read 3 at 0:02.10, though 4 had been there since 0:01.90`. */
function besideEachOther(outer: Cluster, inner: Cluster): Violation {
  const late = latest(outer);
  return {
    atMs: late.endedMs === Number.POSITIVE_INFINITY ? late.begunMs : late.endedMs,
    message: `${said(late)}, though ${inner.value || 'nothing'} had taken its place at ${formatOffset(inner.firstEndMs)}`,
  };
}

/** The operation of a cluster that began last. */
const latest = ({ write, reads }: Cluster): Operation =>
  reads.reduce((last, read) => (read.begunMs > last.begunMs ? read : last), write);

const said = ({ is, value, begunMs }: Operation): string =>
  `${is === 'read' ? 'read' : 'wrote'} ${value.slice(0, 80) || 'nothing'} at ${formatOffset(begunMs)}`;
