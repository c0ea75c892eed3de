import { chance } from '../../model/chance.ts';
import { type DelayDistribution, delayDistributions } from '../../model/delay-distribution.ts';
import type { ProxyCounters } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import { numberWithin, oneOf, textOf } from './settings.ts';

/** How far delays lie from the latency, in jitters. */
const deviations: Record<DelayDistribution, (draw: () => number) => number> = {
  uniform: (draw) => 2 * draw() - 1,
  /** With the jitter as standard deviation. @see Box and Muller, 1958 */
  normal: (draw) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()),
  /** Never nearer, half a jitter farther on average, with a long tail: of shape 3. @see Lomax, 1954 */
  pareto: (draw) => (1 - draw()) ** (-1 / 3) - 1,
};

/** What hardly any delay exceeds, in jitters. */
const farthest: Record<DelayDistribution, number> = { uniform: 1, normal: 3, pareto: 9 };

/** How long what passes is to be delayed, from the settings of a delay. @throws SettingsError */
export function delaysFrom(settings: JsonObject): {
  longestMs: number;
  /** @returns the next of the delays of a connection in a direction, drawn; `undefined` when it has none */
  delaysOf(connection: number, way: 'upstream' | 'downstream'): (() => number) | undefined;
} {
  const latencyMs = numberWithin(settings, 'latencyMs', 0, Number.MAX_VALUE);
  const jitterMs = numberWithin(settings, 'jitterMs', 0, Number.MAX_VALUE);
  const distribution = oneOf(settings, 'distribution', delayDistributions);
  const direction = oneOf(settings, 'direction', ['upstream', 'downstream', 'both']);
  const seed = textOf(settings, 'seed');
  return {
    longestMs: latencyMs + farthest[distribution] * jitterMs,
    delaysOf(connection, way) {
      if (direction !== 'both' && direction !== way) return undefined;
      const draw = chance(`${seed}/${connection}/${way}`);
      const deviation = deviations[distribution];
      return () => (jitterMs === 0 ? latencyMs : Math.max(0, latencyMs + jitterMs * deviation(draw)));
    },
  };
}

/** What the tally is told by the stages of one connection. */
export interface ConnectionDelays {
  took(bytes: number): void;
  delayed(achievedMs: number): void;
  cutShort(): void;
  /** There was no room for it to wait in. */
  dropped(): void;
}

/** Figures over all connections. The delay is what was achieved, on the clock of the line that held the bytes. */
export class DelayTally {
  #connections = 0;
  #chunks = 0;
  #bytes = 0;
  #delayed = 0;
  #sumMs = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;
  #cutShort = 0;
  #dropped = 0;

  /** A connection counts once bytes of it came. */
  ofConnection(): ConnectionDelays {
    let isCounted = false;
    return {
      took: (bytes) => {
        if (!isCounted) this.#connections += 1;
        isCounted = true;
        this.#chunks += 1;
        this.#bytes += bytes;
      },
      delayed: (achievedMs) => {
        this.#delayed += 1;
        this.#sumMs += achievedMs;
        this.#minMs = Math.min(this.#minMs, achievedMs);
        this.#maxMs = Math.max(this.#maxMs, achievedMs);
      },
      cutShort: () => {
        this.#cutShort += 1;
      },
      dropped: () => {
        this.#dropped += 1;
      },
    };
  }

  counters(): ProxyCounters {
    return {
      connections: this.#connections,
      chunks: this.#chunks,
      bytes: this.#bytes,
      delayedChunks: this.#delayed,
      cutShortChunks: this.#cutShort,
      droppedChunks: this.#dropped,
      delaySumMs: this.#sumMs,
      delayMinMs: this.#delayed === 0 ? 0 : this.#minMs,
      delayMaxMs: this.#maxMs,
    };
  }
}
