import { setTimeout as delay } from 'node:timers/promises';
import { clockAheadMs, hasFaketime } from '../../host/faketime.ts';
import { isFrozen, membersOf } from '../../host/freezer.ts';
import { packetCounts, type Table } from '../../host/nft.ts';
import { openFiles } from '../../host/open-files.ts';
import { isAlive, processState, tracerOf } from '../../host/processes.ts';
import { usageOf } from '../../host/usage.ts';
import type { CommandResult } from '../../model/command.ts';
import type { ClockSeen, FileLimit, ProcessState, Sight, StressUsage, Traced } from '../../model/fault.ts';
import type { FrozenGroup, ProcessIdentity } from '../../model/operation.ts';
import type { Context } from '../context.ts';
import type { StressProcess } from '../instruments/stress.ts';
import type { Trace } from '../instruments/trace.ts';

const lookEveryMs = 5;

/** What an injection has met so far. */
export interface Met {
  processes: ProcessIdentity[];
  results: CommandResult[];
  stress: StressProcess[];
  traces: Trace[];
  /** The files that set them. */
  clocks: string[];
  tables: Table[];
  /** Processes whose limit on open files was set, and what it was before. */
  limited: { process: ProcessIdentity; soft: number; before: number }[];
  /** Where its faults in resolvers are. */
  resolvers: { namespace: string | undefined; proxy: string }[];
  frozen: FrozenGroup[];
}

/** What an observer may look at: the processes that were met, the proxy's counters, what commands said. */
export function sightOf(
  id: string,
  target: string | undefined,
  met: Met,
  { links, queues, resolvers, clock, plan }: Context,
): Sight {
  return {
    id,
    on: plan.targets.find((one) => one.id === target)?.kind,
    results: met.results,
    usage: async () => met.stress.flatMap(usageSince),
    report: () => (met.stress[0] ? met.stress[0].ask() : Promise.reject(new Error('nothing was started'))),
    fileLimits: async () => met.limited.flatMap(limitNow),
    packets: () => packetsIn(met.tables),
    queue: () => queues.counts(id),
    clock: () => clockSeen(met.clocks[0]!, met.processes),
    traced: async () => met.traces[0] && tracedBy(met.traces[0], met.processes),
    processes: async () => statesOf(met),
    proxy: () => links.counters(target!, id),
    resolver: async () => {
      const [where] = met.resolvers;
      return where ? await resolvers.counters(where.namespace, where.proxy, id) : { inForce: 0 };
    },
    async until(withinMs, check) {
      const deadlineMs = clock.now() + withinMs;
      for (;;) {
        const value = await check();
        if (value !== undefined || clock.now() >= deadlineMs) return value;
        await delay(lookEveryMs);
      }
    },
  };
}

/** In all tables that are there. */
async function packetsIn(tables: Table[]): Promise<{ met: number; hit: number } | undefined> {
  const counts = (await Promise.all(tables.map(packetCounts))).flatMap((one) => one ?? []);
  if (counts.length === 0) return undefined;
  return counts.reduce((sum, one) => ({ met: sum.met + one.met, hit: sum.hit + one.hit }));
}

/** What is in a frozen group stands still, which its own state does not tell. */
function statesOf({ processes, frozen }: Met): ProcessState[] {
  const still = new Set(frozen.filter(isFrozen).flatMap(({ directory }) => membersOf(directory).map(({ pid }) => pid)));
  return processes
    .map(processState)
    .map((one) => (one.state === 'running' && still.has(one.pid) ? { ...one, state: 'stopped' } : one));
}

/** Nothing of a process that is gone, or whose pid another has now. */
function usageSince({ process, before, beganMs }: StressProcess): StressUsage[] {
  const now = isAlive(process) ? usageOf(process.pid) : undefined;
  if (!now) return [];
  return [
    {
      pid: process.pid,
      overMs: performance.now() - beganMs,
      cpuMs: now.cpuMs - before.cpuMs,
      memoryBytes: now.memoryBytes - before.memoryBytes,
      writtenBytes: now.writtenBytes - before.writtenBytes,
      storedBytes: now.storedBytes - before.storedBytes,
      namelessBytes: now.namelessBytes - before.namelessBytes,
    },
  ];
}

function limitNow({ process, soft, before }: Met['limited'][number]): FileLimit[] {
  const now = isAlive(process) ? openFiles(process.pid) : undefined;
  return now ? [{ ...process, asked: soft, before, now: now.limit, open: now.open }] : [];
}

const tracedBy = (trace: Trace, processes: ProcessIdentity[]): Traced => ({
  processes: processes.filter(isAlive).map((one) => ({ ...one, isTraced: tracerOf(one.pid) !== 0 })),
  hits: trace.hits(),
  goesOn: isAlive(trace.process),
});

/** Of the processes that were there when it was set, and are still. */
async function clockSeen(file: string, processes: ProcessIdentity[]): Promise<ClockSeen> {
  const alive = processes.filter(isAlive);
  return {
    reached: alive.filter(hasFaketime),
    others: alive.filter((one) => !hasFaketime(one)),
    aheadMs: Math.round(await clockAheadMs(file)),
  };
}
