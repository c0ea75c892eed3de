import { keeps } from '../model/bound.ts';
import { formatDuration } from '../model/duration.ts';
import type { Sample } from '../model/event.ts';
import type { Probe, Safeguard } from '../model/scenario.ts';
import { ProbeHealth } from './probe-health.ts';

/** A safeguard that was broken, and how. */
export interface Tripped {
  message: string;
  /** Where it stands in the scenario. */
  path: string;
}

/** Figures of many samples are not taken more often. */
const figureEveryMs = 50;

/** Watches the safeguards of a run where the samples are taken: no fault and no drawing delays it. */
export class Safeguards {
  readonly #watches: { probe: string; path: string; add(sample: Sample, nowMs: number): string | undefined }[];
  readonly #onTripped: (tripped: Tripped) => void;
  #isTripped = false;

  /** @param onTripped told of the first that is broken */
  constructor(safeguards: Safeguard[], probes: Probe[], onTripped: (tripped: Tripped) => void) {
    this.#onTripped = onTripped;
    this.#watches = safeguards.map((safeguard) => {
      const probe = probes.find(({ id }) => id === safeguard.probe);
      if (!probe) throw new Error(`no probe ${safeguard.probe} is sampled`);
      const watch = safeguard.when === 'failing' ? failing(safeguard, probe) : figure(safeguard);
      return { probe: probe.id, path: safeguard.path, add: watch };
    });
  }

  add(probe: string, sample: Sample, nowMs: number): void {
    if (this.#isTripped) return;
    for (const watch of this.#watches) {
      const message = watch.probe === probe ? watch.add(sample, nowMs) : undefined;
      if (message === undefined) continue;
      this.#isTripped = true;
      this.#onTripped({ message, path: watch.path });
      return;
    }
  }
}

type Watch = (sample: Sample, nowMs: number) => string | undefined;

function failing({ failingFor }: Extract<Safeguard, { when: 'failing' }>, probe: Probe): Watch {
  const health = new ProbeHealth(probe);
  return (sample, nowMs) => {
    health.add(sample);
    const since = health.failingSinceMs;
    if (since === undefined || nowMs - since < failingFor) return undefined;
    return `${probe.id} has been failing for ${formatDuration(failingFor)}`;
  };
}

function figure(safeguard: Extract<Safeguard, { when: 'bound' }>): Watch {
  const { probe, bound, over } = safeguard;
  // By when they were answered: what hangs is known to be bad only when its time is over.
  const last: { sample: Sample; toldMs: number }[] = [];
  let firstMs: number | undefined;
  let judgedMs = Number.NEGATIVE_INFINITY;
  return (sample, nowMs) => {
    if (sample.state === 'unmeasured') return undefined;
    firstMs ??= nowMs;
    last.push({ sample, toldMs: nowMs });
    if (nowMs - firstMs < over || nowMs - judgedMs < figureEveryMs) return undefined;
    judgedMs = nowMs;
    const begins = last.findIndex(({ toldMs }) => toldMs >= nowMs - over);
    last.splice(0, begins);
    const measured = figureOf(
      safeguard,
      last.map((one) => one.sample),
    );
    if (measured === undefined || !keeps(bound, measured)) return undefined;
    const shown = bound.unit === 'ms' ? formatDuration(measured) : `${Number((measured * 100).toFixed(2))}%`;
    const name = safeguard.measure === 'latency' ? `p${safeguard.percentile} latency` : words[safeguard.measure];
    return `${name} of ${probe} over the last ${formatDuration(over)} was ${shown} (abort when ${bound.text.trim()})`;
  };
}

const words = { availability: 'availability', errorRate: 'error rate' };

/** @returns in the bound's unit; `undefined` when there is nothing to take it of */
function figureOf(safeguard: Extract<Safeguard, { when: 'bound' }>, samples: Sample[]): number | undefined {
  const good = samples.filter(({ state }) => state === 'good');
  if (safeguard.measure !== 'latency') {
    const counted = safeguard.measure === 'availability' ? good.length : samples.length - good.length;
    return samples.length === 0 ? undefined : counted / samples.length;
  }
  // As for the report: a refused connection is quick, and must not make a service look fast.
  const latencies = good.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return latencies[Math.max(0, Math.ceil((safeguard.percentile / 100) * latencies.length) - 1)];
}
