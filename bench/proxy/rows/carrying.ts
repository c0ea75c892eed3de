/* What it costs to carry, with nothing injected. */
import { type Figures, inRounds, report } from '../compare.ts';
import type { Contender } from '../contender.ts';
import type { Job, Rate, Trips } from '../load/job.ts';
import type { Program } from '../program.ts';
import { cpuSeconds, residentBytes } from '../usage.ts';

type Load = Program<Job, unknown>;

export async function bulk(contenders: Contender[], load: Load, rounds: number): Promise<void> {
  for (const connections of [1, 8]) {
    const many = connections === 1 ? '1 connection' : `${connections} connections`;
    for (const way of ['read', 'write'] as const) {
      const measure = async ({ ports, pid }: Contender): Promise<Figures<'rate' | 'cpu'>> => {
        const port = way === 'read' ? ports.source : ports.sink;
        const before = pid === undefined ? Number.NaN : cpuSeconds(pid);
        const rate = (await load.ask({ do: way, port, connections, warmMs: 200, ms: 1000 })) as Rate;
        const cpu = pid === undefined ? Number.NaN : cpuSeconds(pid) - before;
        return { rate: rate.bytesPerSecond / 1e6, cpu: cpu / (rate.bytes / 1e9) };
      };
      const figures = await inRounds(contenders, rounds, measure);
      const what = `${way === 'read' ? 'from' : 'to'} the server, ${many}`;
      const must = connections === 1 ? 1.6 : 1.3;
      report(figures, 'rate', {
        what: `bulk ${what}`,
        unit: 'MB/s',
        goal: `must ≥ ${must} × haproxy, goal ≥ 1 × haproxy splice`,
      });
      report(figures, 'cpu', {
        what: `CPU a GB ${what}`,
        unit: 's',
        goal: 'must ≤ 0.5 × haproxy, goal ≤ 0.3 ×',
        digits: 2,
      });
    }
  }
}

export async function roundTrips(contenders: Contender[], load: Load, rounds: number): Promise<void> {
  const p50 = async (port: number) => {
    const { p50 } = (await load.ask({ do: 'trips', port, connections: 1, ms: 300 })) as Trips;
    return p50 * 1000;
  };
  // Direct once more beside each of them: what is added is a difference of two small figures.
  const directPort = contenders.find(({ name }) => name === 'direct')!.ports.echo;
  const added = await inRounds(contenders.filter(isBetween), rounds, async ({ ports }) => {
    const without = await p50(directPort);
    return { added: (await p50(ports.echo)) - without };
  });
  report(added, 'added', {
    what: 'added round trip, 64 B, p50',
    unit: 'µs',
    goal: 'must ≤ 1.6 × haproxy, goal ≤ 1.2 ×',
    digits: 1,
  });

  const together = await inRounds(contenders, rounds, async ({ ports }) => {
    const trips = (await load.ask({ do: 'trips', port: ports.echo, connections: 64, ms: 700 })) as Trips;
    return { perSecond: trips.perSecond };
  });
  report(together, 'perSecond', {
    what: 'round trips, 64 connections',
    unit: '/s',
    goal: 'must ≥ 0.75 × haproxy, goal ≥ 0.9 ×',
  });
}

export async function connections(contenders: Contender[], load: Load, rounds: number): Promise<void> {
  const made = await inRounds(contenders, rounds, async ({ ports }) => {
    const perSecond = await load.ask({ do: 'connect', port: ports.echo, atOnce: 32, count: 2000 });
    return { perSecond: perSecond as number };
  });
  report(made, 'perSecond', { what: 'new connections', unit: '/s', goal: 'must ≥ 0.55 × haproxy, goal ≥ 0.65 ×' });
}

/** Of processes that have done nothing before. socat has a process for each, whose memory is mostly shared. */
export async function memory(contenders: Contender[], load: Load): Promise<void> {
  const single = contenders.filter((one) => isBetween(one) && one.name !== 'socat');
  const held = await inRounds(single, 1, async ({ ports, pid }) => {
    const idle = residentBytes(pid!);
    await load.ask({ do: 'hold', port: ports.echo, connections: 1000 });
    const resident = residentBytes(pid!);
    await load.ask({ do: 'release' });
    return { resident: resident / 1e6, idle: idle / 1e6 };
  });
  report(held, 'resident', {
    what: 'memory with 1,000 connections',
    unit: 'MB',
    goal: 'must ≤ 80 MB, goal ≤ 65 MB',
    digits: 1,
  });
  report(held, 'idle', { what: 'memory without any', unit: 'MB', goal: '', digits: 1 });
}

const isBetween = ({ pid }: Contender) => pid !== undefined;
