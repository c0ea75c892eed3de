import { setMaxListeners } from 'node:events';
import { runCommand } from '../host/run-command.ts';
import { revealed } from '../host/secrets.ts';
import type { LedgerResult, Sample, WorkloadResult } from '../model/event.ts';
import type { ProbeContext, ProbeSession } from '../model/probe.ts';
import type { Probe, ProbeSpec } from '../model/scenario.ts';
import { fillIn } from '../probes/fill-in.ts';
import { probeKindNamed } from '../probes/registry.ts';
import { Batches } from './batches.ts';
import { endUnlessHeard, type Watch } from './last-resort.ts';
import { Safeguards, type Tripped } from './safeguards.ts';
import { SampledProbe } from './sampled-probe.ts';
import { Schedule } from './schedule.ts';
import { take } from './take.ts';
import { Wakefulness } from './wakefulness.ts';

/** Opening took a while; the first sample is not to be late for it. */
const leadMs = 5;
/** How long reading a ledger back may take. */
const verificationLimitMs = 60_000;

/** All that the sampler process does. */
export class Sampling {
  readonly #run: string;
  readonly #now: () => number;
  readonly #wakefulness: Wakefulness;
  readonly #batches: Batches;
  readonly #ended = new AbortController();
  /** Of the probes that are sampled. */
  readonly #sessions = new Map<string, ProbeSession>();
  /** What must have come to its end before the process may: programs are ended, not left. */
  readonly #working = new Set<Promise<unknown>>();
  readonly #trip: ((tripped: Tripped) => void) | undefined;
  #heard: () => void = () => undefined;
  #sampled: SampledProbe[] = [];
  #schedule: Schedule | undefined;

  /** @param now milliseconds since the run's start */
  constructor(options: {
    run: string;
    now(): number;
    tell(probe: string, samples: Sample[]): void;
    trip?(tripped: Tripped): void;
  }) {
    this.#run = options.run;
    this.#now = options.now;
    this.#wakefulness = new Wakefulness(options.now);
    this.#batches = new Batches(options.tell);
    this.#trip = options.trip;
    // Every sample in flight listens; Node would call more than ten a leak.
    setMaxListeners(0, this.#ended.signal);
  }

  /**
   * @param watch what ends the run when it is broken
   * @returns when the schedule begins, in the run's milliseconds @throws with why a probe cannot be opened; none is sampled then
   */
  async start(probes: Probe[], watch?: Watch): Promise<number> {
    if (this.#schedule) throw new Error('the probes are sampled already');
    for (const probe of probes) this.#sessions.set(probe.id, await this.#open(probe, `probe ${probe.id}`));
    const watched = watch && this.#safeguards(probes, watch);
    const surroundings = {
      now: this.#now,
      wakefulness: this.#wakefulness,
      tell: (probe: string, sample: Sample) => {
        this.#batches.add(probe, sample);
        watched?.add(probe, sample, this.#now());
      },
      ended: this.#ended.signal,
    };
    this.#sampled = probes.map((probe) => new SampledProbe(probe, this.#sessions.get(probe.id)!, surroundings));
    const beginsMs = this.#now() + leadMs;
    this.#schedule = new Schedule(this.#sampled, beginsMs, this.#now);
    return beginsMs;
  }

  #safeguards(probes: Probe[], { safeguards, lastResort }: Watch): Safeguards {
    return new Safeguards(safeguards, probes, (tripped) => {
      this.#heard = endUnlessHeard(lastResort, tripped);
      this.#trip?.(tripped);
    });
  }

  /** The runner knows that a safeguard was broken. */
  heard(): void {
    this.#heard();
  }

  /** @throws with why the probe cannot be opened */
  async once(spec: ProbeSpec): Promise<Sample> {
    const session = await this.#open(spec, `this ${spec.kind} probe`);
    const due = { dueMs: this.#now(), timeoutMs: spec.timeout, now: this.#now, wakefulness: this.#wakefulness };
    const { sample, settled } = take(session, due, this.#ended.signal);
    this.#keepWorking(settled.then(() => session.close()));
    return await sample;
  }

  /** @throws with why it cannot be read */
  async verify(probe: string): Promise<LedgerResult | WorkloadResult> {
    const session = this.#sessions.get(probe);
    const verify = session?.verify ?? session?.check;
    if (!verify) throw new Error(`${probe} has nothing to verify, or is not sampled`);
    const limit = new AbortController();
    const end = () => limit.abort(new Error('the sampler was closed'));
    const timer = setTimeout(
      () => limit.abort(new Error(`not read within ${verificationLimitMs / 1000}s`)),
      verificationLimitMs,
    );
    this.#ended.signal.addEventListener('abort', end, { once: true });
    try {
      return await verify(limit.signal);
    } finally {
      clearTimeout(timer);
      this.#ended.signal.removeEventListener('abort', end);
    }
  }

  /** @returns once every sample that was due is told */
  async stopSampling(): Promise<void> {
    this.#schedule?.stop();
    await Promise.all(this.#sampled.map((probe) => probe.allTold()));
    this.#batches.flush();
  }

  /** Ends everything that is under way, programs with their process groups. */
  async close(): Promise<void> {
    this.#schedule?.stop();
    this.#wakefulness.stop();
    this.#ended.abort();
    await Promise.allSettled(this.#working);
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.close()));
  }

  async #open(spec: ProbeSpec, name: string): Promise<ProbeSession> {
    const kind = probeKindNamed(spec.kind);
    if (!kind) throw new Error(`${name}: there is no kind of probe named ${spec.kind}`);
    const given = { run: this.#run };
    const context: ProbeContext = {
      run: this.#run,
      timeout: spec.timeout,
      now: this.#now,
      runCommand: (command, signal) => this.#keepWorking(runCommand(command, { run: this.#run, signal })),
    };
    try {
      return await kind.open(revealed(fillIn(spec.settings, given)), revealed(fillIn(spec.expect, given)), context);
    } catch (error) {
      throw new Error(`${name} cannot be opened: ${(error as Error).message}`);
    }
  }

  #keepWorking<T>(work: Promise<T>): Promise<T> {
    this.#working.add(work);
    const done = () => this.#working.delete(work);
    work.then(done, done);
    return work;
  }
}
