/* How exact the faults are, and what they cost. */
import { finding } from '../../finding.ts';
import { median, quantile } from '../../measure.ts';
import type { Job, Rate } from '../load/job.ts';
import type { Ours } from '../ours.ts';
import type { Program } from '../program.ts';
import { forgetPeak, peakBytes } from '../usage.ts';

type Load = Program<Job, unknown>;

const delayOf = (latencyMs: number, id: string) => ({
  id,
  kind: 'delay',
  settings: { latencyMs, jitterMs: 0, distribution: 'uniform', share: 1, direction: 'downstream', seed: id },
});

/** The error is what a delayed round trip takes above the delay and the median of those before it, which had none. */
export async function delayError({ control, ports }: Ours, load: Load, rounds: number): Promise<void> {
  const trips = async () => (await load.ask({ do: 'paced', port: ports.echo, perSecond: 1000, ms: 2000 })) as number[];
  for (const latencyMs of [5, 100]) {
    const of: Record<'p50' | 'p90' | 'p99' | 'earliest' | 'without', number[]> = {
      p50: [],
      p90: [],
      p99: [],
      earliest: [],
      without: [],
    };
    for (let round = 0; round < rounds; round += 1) {
      const before = await trips();
      const undelayed = median(before);
      of.without.push(quantile(before, 0.99) - undelayed);
      const id = `delay-${latencyMs}-${round}`;
      await control.add('echo', delayOf(latencyMs, id));
      const errors = (await trips()).map((tookMs) => tookMs - undelayed - latencyMs);
      const { delayMinMs } = await control.remove('echo', id);
      of.p50.push(quantile(errors, 0.5));
      of.p90.push(quantile(errors, 0.9));
      of.p99.push(quantile(errors, 0.99));
      of.earliest.push(delayMinMs! - latencyMs);
    }
    const [p50, p90, p99] = [of.p50, of.p90, of.p99].map((all) => median(all).toFixed(2));
    const earliest = Math.min(...of.earliest).toFixed(3);
    finding({
      what: `proxy: error of a ${latencyMs} ms delay, 1,000 messages/s`,
      measured: `p50 ${p50} p90 ${p90} p99 ${p99} ms; earliest ${earliest} by its own clock`,
      goal: 'never early; must 0.15 / 0.3 / 1.2 ms, goal 0.07 / 0.15 / 0.5',
      against: `the delay asked for; p99 of the same trips without it, above their p50: ${median(of.without).toFixed(2)} ms`,
    });
  }
}

export async function throughputUnderDelay({ control, ports, pid }: Ours, load: Load, rounds: number): Promise<void> {
  for (const connections of [1, 8]) {
    const rates: number[] = [];
    const peaks: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const id = `delayed-${connections}-${round}`;
      await control.add('source', delayOf(100, id));
      forgetPeak(pid);
      const { bytesPerSecond } = (await load.ask({
        do: 'read',
        port: ports.source,
        connections,
        warmMs: 1500,
        ms: 2000,
      })) as Rate;
      rates.push(bytesPerSecond / 1e6);
      peaks.push(peakBytes(pid) / 1e6);
      await control.remove('source', id);
    }
    finding({
      what: `proxy: throughput under 100 ms, ${connections === 1 ? '1 connection' : `${connections} connections`}`,
      measured: `${median(rates).toFixed(0)} MB/s with ${Math.max(...peaks).toFixed(0)} MB of memory`,
      goal: `must ≥ ${connections === 1 ? '1,000' : '1,300'} MB/s with ≤ 700 MB, goal ≥ ${connections === 1 ? '1,500' : '2,000'}`,
      against: 'nothing: none of the others delays',
    });
  }
}

export async function bandwidthError({ control, ports }: Ours, load: Load): Promise<void> {
  for (const megabytes of [1, 10, 100, 500]) {
    const asked = megabytes * 1e6;
    const id = `bandwidth-${megabytes}`;
    await control.add('source', {
      id,
      kind: 'bandwidth',
      settings: { bytesPerSecond: asked, per: 'link', direction: 'both' },
    });
    const { bytesPerSecond, seconds } = (await load.ask({
      do: 'read',
      port: ports.source,
      connections: 1,
      warmMs: 1000,
      ms: 5000,
    })) as Rate;
    await control.remove('source', id);
    const percent = (rate: number) => (100 * (rate - asked)) / asked;
    const worst = seconds.map(percent).reduce((a, b) => (Math.abs(a) > Math.abs(b) ? a : b));
    finding({
      what: `proxy: error of a bandwidth of ${megabytes} MB/s`,
      measured: `mean ${percent(bytesPerSecond).toFixed(3)} %, worst second ${worst.toFixed(3)} %`,
      goal: 'must 0.3 / 0.5 %, goal 0.05 / 0.2 %',
      against: 'the rate asked for',
    });
  }
}
