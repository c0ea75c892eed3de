import type { LedgerResult, Outcome, Phase, RunEvent, RunEventBody, Sample } from '../../../src/model/event.ts';
import type { Effect } from '../../../src/model/fault.ts';
import type { Plan } from '../../../src/model/plan.ts';

/**
 * Writes down what happened in a run, as the runner would: `new Story(plan).healthyStart().at(5000).inject('crash')`.
 * Time stands still unless `at` or `after` moves it.
 */
export class Story {
  readonly events: RunEvent[] = [];
  readonly #plan: Plan;
  #nowMs = 0;

  constructor(plan: Plan, source?: string) {
    this.#plan = plan;
    this.tell({
      type: 'run-started',
      run: 'r-1',
      version: '0.1.0',
      pid: 4711,
      host: { platform: 'linux', release: '6', arch: 'x64', cpus: 2, memoryBytes: 8e9, node: 'v20' },
      ...(source === undefined ? {} : { source }),
      plan,
    });
  }

  at(ms: number): this {
    this.#nowMs = ms;
    return this;
  }

  after(ms: number): this {
    return this.at(this.#nowMs + ms);
  }

  tell(...bodies: RunEventBody[]): this {
    for (const body of bodies)
      this.events.push({
        seq: this.events.length,
        atMs: this.#nowMs,
        time: new Date(Date.UTC(2025, 0, 2, 3, 4, 5) + this.#nowMs).toISOString(),
        ...body,
      });
    return this;
  }

  phase(phase: Phase): this {
    return this.tell({ type: 'phase-started', phase });
  }

  phaseEnds(phase: Phase, outcome: Outcome = 'passed', message?: string): this {
    return this.tell({ type: 'phase-ended', phase, outcome, ...(message === undefined ? {} : { message }) });
  }

  /** Up to the beginning of the timeline: at 1000 ms. */
  healthyStart(): this {
    return this.phase('start').phaseEnds('start').phase('baseline').at(1000).phaseEnds('baseline').phase('timeline');
  }

  /** From the end of the timeline on, everything as it should be. */
  healthyEnd(): this {
    return this.phaseEnds('timeline')
      .phase('recovery')
      .after(100)
      .phaseEnds('recovery')
      .phase('verification')
      .phaseEnds('verification')
      .takeDown();
  }

  takeDown(): this {
    return this.phase('undo').phaseEnds('undo').phase('stop').phaseEnds('stop').tell({ type: 'run-ended' });
  }

  /** Samples every 100 ms: `g` good after 5 ms, `s` good after 50 ms, `b` bad after 5 ms, `t` bad after a second, `u` unmeasured. */
  samples(probe: string, fromMs: number, states: string): this {
    const samples = [...states].map((state, index) => sample(fromMs + index * 100, state));
    // They arrive in the order of their answers.
    samples.sort((a, b) => a.dueMs + a.latencyMs - (b.dueMs + b.latencyMs));
    return this.tell({ type: 'samples', probe, samples });
  }

  starts(step: string): this {
    return this.tell({ type: 'step-started', step, plannedMs: this.#nowMs });
  }

  ends(step: string, outcome: Outcome = 'passed', message?: string): this {
    return this.tell({ type: 'step-ended', step, outcome, ...(message === undefined ? {} : { message }) });
  }

  /** An injection takes force at once. */
  inject(step: string, effect: Effect = seen()): this {
    return this.starts(step).tell(
      { type: 'injection-armed', step, inject: [], undo: [] },
      { type: 'injection-in-force', step, effect },
    );
  }

  undo(step: string, effect: Effect = seen(), gone = true): this {
    return this.tell({ type: 'injection-undone', step, effect, gone }).ends(step);
  }

  /** An injection that is done when it is done. */
  strike(step: string, effect: Effect = seen()): this {
    return this.inject(step, effect).ends(step);
  }

  ledger(probe: string, result: Partial<LedgerResult>): this {
    return this.tell({ type: 'ledger-verified', probe, result: ledgerResult(result) });
  }

  get plan(): Plan {
    return this.#plan;
  }
}

export const seen = (summary = 'it did something'): Effect => ({ seen: 'seen', summary, figures: {} });
export const unseen = (summary = 'nothing was seen'): Effect => ({ seen: 'unseen', summary, figures: {} });
export const pending = (summary = 'in force'): Effect => ({ seen: 'pending', summary, figures: {} });

export function ledgerResult(result: Partial<LedgerResult>): LedgerResult {
  const { lost = [], duplicated = [], acknowledged = 100 } = result;
  return {
    written: acknowledged,
    acknowledged,
    kept: acknowledged - lost.length - duplicated.length,
    lost,
    lostCount: lost.length,
    duplicated,
    duplicatedCount: duplicated.length,
    unacknowledgedPresent: 0,
    ...result,
  };
}

function sample(dueMs: number, state: string): Sample {
  const base = { dueMs, lateMs: 0 };
  switch (state) {
    case 'g':
      return { ...base, latencyMs: 5, state: 'good' };
    case 's':
      return { ...base, latencyMs: 50, state: 'good' };
    case 'b':
      return { ...base, latencyMs: 5, state: 'bad', reason: 'status 503, expected 200' };
    case 't':
      return { ...base, latencyMs: 1000, state: 'bad', reason: 'no answer within 1s' };
    default:
      return { ...base, latencyMs: 0, state: 'unmeasured', reason: 'we were late' };
  }
}
