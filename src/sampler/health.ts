import type { Sample } from '../model/event.ts';
import type { Probe } from '../model/scenario.ts';
import { ProbeHealth } from './probe-health.ts';

/** A sample and whose it is. */
export type ProbeSample = Sample & { probe: string };

/**
 * How the system is and was, by the samples so far, which may come in any order. Pure: no clock, no waiting. All times
 * are those of the samples, by when they were due.
 */
export class Health {
  readonly #probes: Map<string, ProbeHealth>;

  constructor(probes: Pick<Probe, 'id' | 'every' | 'timeout' | 'successThreshold'>[]) {
    this.#probes = new Map(probes.map((probe) => [probe.id, new ProbeHealth(probe)]));
  }

  add(probe: string, samples: Sample[]): void {
    const health = this.#of(probe);
    for (const sample of samples) health.add(sample);
  }

  /**
   * Whether every probe, or that one, has as many good samples in a row as it takes, due since then, and none bad after.
   * In a row on the schedule: where an answer is still outstanding there is no row yet.
   */
  healthy(sinceMs: number, probeId?: string): boolean {
    return this.#chosen(probeId).every(([, health]) => health.isHealthy(sinceMs));
  }

  /** @returns the latest bad sample due since then, of any probe or of that one */
  anyBad(sinceMs: number, probeId?: string): ProbeSample | undefined {
    return this.#chosen(probeId)
      .flatMap(([probe, { lastBad }]) => (lastBad && lastBad.dueMs >= sinceMs ? [{ ...lastBad, probe }] : []))
      .reduce<ProbeSample | undefined>((last, bad) => (last && last.dueMs >= bad.dueMs ? last : bad), undefined);
  }

  /** Whether every sample of every probe, or of that one, that was due in that time has been told, whatever it says. */
  isTold(sinceMs: number, untilMs: number, probeId?: string): boolean {
    return this.#chosen(probeId).every(([, health]) => health.isTold(sinceMs, untilMs));
  }

  /** Whether half of the samples of that probe so far, or more, were good: of what could not be measured nothing is known. */
  wasMostlyGood(probe: string): boolean {
    return this.#of(probe).isMostlyGood;
  }

  /** The latest samples of that probe, oldest first: to be shown. At most 20 are kept. */
  lastSamples(probe: string, n = 5): Sample[] {
    return this.#of(probe).last.slice(-Math.max(1, n));
  }

  #chosen(probeId: string | undefined): [string, ProbeHealth][] {
    return probeId === undefined ? [...this.#probes] : [[probeId, this.#of(probeId)]];
  }

  #of(probe: string): ProbeHealth {
    const health = this.#probes.get(probe);
    if (!health) throw new Error(`no probe ${probe} is sampled`);
    return health;
  }
}
