import type { Sample } from '../model/event.ts';

/** Whoever waits for a probe to be good again waits this much longer at most. */
const gatheredForMs = 20;

/** Gathers samples, and gives them on some 50 times a second at most. */
export class Batches {
  readonly #give: (probe: string, samples: Sample[]) => void;
  #gathered = new Map<string, Sample[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(give: (probe: string, samples: Sample[]) => void) {
    this.#give = give;
  }

  add(probe: string, sample: Sample): void {
    const samples = this.#gathered.get(probe);
    if (samples) samples.push(sample);
    else this.#gathered.set(probe, [sample]);
    this.#timer ??= setTimeout(() => this.flush(), gatheredForMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const [probe, samples] of gathered) this.#give(probe, samples);
  }
}
