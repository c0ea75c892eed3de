/* How exact the faults are, and what they cost. */
import { finding } from '../../finding.ts';
import { median, quantile } from '../../measure.ts';
import { type Figures, inRounds, report } from '../compare.ts';
import type { FaultyContender } from '../contender.ts';
import type { Job, Rate } from '../load/job.ts';
import type { Program } from '../program.ts';
import { forgetPeak, peakBytes } from '../usage.ts';

type Load = Program<Job, unknown>;

/**
 * The error is what a delayed round trip takes above the delay and the median of those before it, which had none. The first
 * trips are not counted: while they go, Node compiles the load and the proxy.
 */
export async function delayError(contenders: FaultyContender[], load: Load, rounds: number): Promise<void> {
  const tripsOf = async (port: number) =>
    (await load.ask({ do: 'paced', port, perSecond: 1000, ms: 2000 })) as number[];
  for (const { slow } of contenders) {
    const { port, takeBack } = await slow('echo', { latencyMs: 5 });
    await tripsOf(port);
    await takeBack();
  }
  for (const latencyMs of [5, 100]) {
    const figures = await inRounds(contenders, rounds, async ({ ports, slow }) => {
      const before = await tripsOf(ports.echo);
      const undelayed = median(before);
      const { port, takeBack } = await slow('echo', { latencyMs });
      const tookMs = await tripsOf(port);
      const { delayMinMs = Number.NaN } = await takeBack();
      const errors = tookMs.map((ms) => ms - undelayed - latencyMs);
      return {
        p50: quantile(errors, 0.5),
        p90: quantile(errors, 0.9),
        p99: quantile(errors, 0.99),
        shortest: quantile(tookMs, 0) - latencyMs,
        ownClock: delayMinMs - latencyMs,
        without: quantile(before, 0.99) - undelayed,
      };
    });
    const ours = figures.get('ours')!;
    const others = [...figures].filter(([name]) => name !== 'ours');
    const earliest = Math.min(...ours.map(({ ownClock }) => ownClock)).toFixed(3);
    const without = median(ours.map((round) => round.without)).toFixed(2);
    finding({
      what: `proxy: error of a ${latencyMs} ms delay, 1,000 messages/s`,
      measured: `${tellDelay(ours)}; earliest ${earliest} by its own clock`,
      goal: 'never early; must 0.15 / 0.3 / 1.2 ms, goal 0.07 / 0.15 / 0.5',
      against: [
        ...others.map(([name, rounds]) => `${name} ${tellDelay(rounds)}`),
        `p99 of our trips without it, above their p50: ${without} ms`,
      ].join(', '),
    });
  }
}

function tellDelay(rounds: Figures<'p50' | 'p90' | 'p99' | 'shortest'>[]): string {
  const [p50, p90, p99] = (['p50', 'p90', 'p99'] as const).map((q) => median(rounds.map((one) => one[q])).toFixed(2));
  const shortest = Math.min(...rounds.map((one) => one.shortest)).toFixed(2);
  return `p50 ${p50} p90 ${p90} p99 ${p99} ms (shortest trip ${shortest} above the delay)`;
}

export async function throughputUnderDelay(contenders: FaultyContender[], load: Load, rounds: number): Promise<void> {
  for (const connections of [1, 8]) {
    const figures = await inRounds(contenders, rounds, async ({ slow }) => {
      const { port, pid, takeBack } = await slow('source', { latencyMs: 100 });
      forgetPeak(pid);
      const job = { do: 'read', port, connections, warmMs: 1500, ms: 2000 } as const;
      const { bytesPerSecond } = (await load.ask(job)) as Rate;
      const peak = peakBytes(pid) / 1e6;
      await takeBack();
      return { rate: bytesPerSecond / 1e6, peak };
    });
    const many = connections === 1 ? '1 connection' : `${connections} connections`;
    report(figures, 'rate', {
      what: `throughput under 100 ms, ${many}`,
      unit: 'MB/s',
      goal: connections === 1 ? 'must ≥ 1,000 MB/s, goal ≥ 1,500' : 'must ≥ 1,300 MB/s, goal ≥ 2,000',
    });
    report(figures, 'peak', { what: `most memory meanwhile, ${many}`, unit: 'MB', goal: 'must ≤ 700 MB' });
  }
}

export async function bandwidthError(contenders: FaultyContender[], load: Load): Promise<void> {
  for (const megabytes of [1, 10, 100, 500]) {
    const asked = megabytes * 1e6;
    const figures = await inRounds(contenders, 1, async ({ slow }) => {
      const { port, takeBack } = await slow('source', { bytesPerSecond: asked });
      const job = { do: 'read', port, connections: 1, warmMs: 1000, ms: 5000 } as const;
      const { bytesPerSecond, seconds } = (await load.ask(job)) as Rate;
      await takeBack();
      const percent = (rate: number) => (100 * (rate - asked)) / asked;
      const worst = seconds.map(percent).reduce((a, b) => (Math.abs(a) > Math.abs(b) ? a : b));
      return { mean: percent(bytesPerSecond), worst };
    });
    const told = [...figures].map(([name, [round]]) => {
      const { mean, worst } = round!;
      return [name, `mean ${mean.toFixed(3)} %, worst second ${worst.toFixed(3)} %`] as const;
    });
    finding({
      what: `proxy: error of a bandwidth of ${megabytes} MB/s`,
      measured: told.find(([name]) => name === 'ours')![1],
      goal: 'must 0.3 / 0.5 %, goal 0.05 / 0.2 %',
      against:
        told
          .filter(([name]) => name !== 'ours')
          .map(([name, tale]) => `${name} ${tale}`)
          .join(', ') || 'the rate asked for',
    });
  }
}
