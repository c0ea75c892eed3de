import type { PlannedStep } from '../../model/plan.ts';
import type { StepEventName } from '../../model/scenario.ts';

/** A step whose start is known, and when that is. Milliseconds from the timeline's start. */
export interface Due {
  step: PlannedStep;
  atMs: number;
}

/**
 * Which step may start when, as far as what has happened tells. Knows no clock: it is told what happened, and says what
 * is due next. Times are aimed at, not measured, so that delays never add up.
 */
export class Timeline {
  /** Steps that still wait, and for how many events. */
  readonly #waiting = new Map<string, { step: PlannedStep; missing: Set<string>; lastMs: number }>();
  readonly #waiters = new Map<string, string[]>();
  readonly #due: Due[] = [];

  constructor(steps: readonly PlannedStep[]) {
    for (const step of steps) {
      const missing = new Set(step.waitsFor.map(({ step: on, event }) => key(on, event)));
      this.#waiting.set(step.id, { step, missing, lastMs: 0 });
      for (const one of missing) {
        const waiters = this.#waiters.get(one);
        if (waiters) waiters.push(step.id);
        else this.#waiters.set(one, [step.id]);
      }
      if (missing.size === 0) this.#plan(step.id);
    }
  }

  /** A step has started or ended at this time. */
  happened(step: string, event: StepEventName, atMs: number): void {
    const one = key(step, event);
    for (const id of this.#waiters.get(one) ?? []) {
      const waiting = this.#waiting.get(id);
      if (!waiting?.missing.delete(one)) continue;
      waiting.lastMs = Math.max(waiting.lastMs, atMs);
      if (waiting.missing.size === 0) this.#plan(id);
    }
    this.#waiters.delete(one);
  }

  /** When the next step is due; `undefined` when every step that is left waits for something to happen. */
  nextMs(): number | undefined {
    return this.#due.at(-1)?.atMs;
  }

  /** Takes the steps that are due by now, in their order. */
  takeDue(nowMs: number): Due[] {
    const taken: Due[] = [];
    while (this.#due.length > 0 && this.#due.at(-1)!.atMs <= nowMs) taken.push(this.#due.pop()!);
    return taken;
  }

  /** Gives up on every step that has not started. @returns them */
  abandon(): PlannedStep[] {
    const left = [...this.#due.map(({ step }) => step), ...[...this.#waiting.values()].map(({ step }) => step)];
    this.#due.length = 0;
    this.#waiting.clear();
    return left;
  }

  #plan(id: string): void {
    const { step, lastMs } = this.#waiting.get(id)!;
    this.#waiting.delete(id);
    const atMs = Math.max(lastMs + step.delayMs, step.atMs ?? 0);
    // Kept latest first; steps of the same time keep their order.
    let position = this.#due.length;
    while (position > 0 && this.#due[position - 1]!.atMs <= atMs) position -= 1;
    this.#due.splice(position, 0, { step, atMs });
  }
}

const key = (step: string, event: StepEventName): string => `${event} ${step}`;
