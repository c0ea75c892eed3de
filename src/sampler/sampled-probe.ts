import { formatDuration } from '../model/duration.ts';
import type { Sample } from '../model/event.ts';
import type { ProbeSession } from '../model/probe.ts';
import type { Probe } from '../model/scenario.ts';
import type { Series } from './schedule.ts';
import { take } from './take.ts';
import type { Wakefulness } from './wakefulness.ts';

/** Later than an interval, within these bounds, and what we would measure is ourselves. */
const [leastTolerableMs, mostTolerableMs] = [50, 250];
/** Beyond what the time limit allows to be outstanding: sessions that are slow to end what was aborted. */
const spareInFlight = 16;

interface Surroundings {
  now(): number;
  wakefulness: Wakefulness;
  tell(probe: string, sample: Sample): void;
  ended: AbortSignal;
}

/** One probe of the hypothesis, being sampled: whatever earlier answers do, the next question is asked when it is due. */
export class SampledProbe implements Series {
  readonly everyMs: number;
  readonly #probe: Probe;
  readonly #session: ProbeSession;
  readonly #now: () => number;
  readonly #wakefulness: Wakefulness;
  readonly #tell: (probe: string, sample: Sample) => void;
  readonly #ended: AbortSignal;
  readonly #untold = new Set<Promise<void>>();
  #inFlight = 0;

  constructor(probe: Probe, session: ProbeSession, { now, wakefulness, tell, ended }: Surroundings) {
    this.everyMs = probe.every;
    this.#probe = probe;
    this.#session = session;
    this.#now = now;
    this.#wakefulness = wakefulness;
    this.#tell = tell;
    this.#ended = ended;
  }

  onDue(dueMs: number): void {
    const lateMs = this.#now() - dueMs;
    if (lateMs > Math.min(Math.max(this.everyMs, leastTolerableMs), mostTolerableMs))
      this.#skip(dueMs, lateMs, `the sampler itself was ${formatDuration(lateMs)} late`);
    else if (this.#inFlight >= Math.ceil(this.#probe.timeout / this.everyMs) + spareInFlight)
      this.#skip(dueMs, lateMs, `${this.#inFlight} earlier samples are still being ended`);
    else this.#take(dueMs);
  }

  /** @returns once every sample that was due is told */
  async allTold(): Promise<void> {
    await Promise.all(this.#untold);
  }

  #take(dueMs: number): void {
    const { sample, settled } = take(
      this.#session,
      { dueMs, timeoutMs: this.#probe.timeout, now: this.#now, wakefulness: this.#wakefulness },
      this.#ended,
    );
    this.#inFlight += 1;
    void settled.then(() => {
      this.#inFlight -= 1;
    });
    const told = sample.then((one) => {
      this.#tell(this.#probe.id, one);
      this.#untold.delete(told);
    });
    this.#untold.add(told);
  }

  #skip(dueMs: number, lateMs: number, reason: string): void {
    this.#tell(this.#probe.id, { dueMs, lateMs, latencyMs: lateMs, state: 'unmeasured', reason });
  }
}
