import type { RunEvent } from '../../model/event.ts';
import type { PlannedStep } from '../../model/plan.ts';

/** A time in the run; `null` while it has not begun, or not ended. */
export interface Span {
  fromMs: number | null;
  toMs: number | null;
}

/**
 * When the times began and ended that objectives are about: those of steps and of phases. An injection's is that in which
 * it was in force. A sample belongs to one by when it was due: it is told after that, so its time has begun by then.
 */
export class Windows {
  readonly #spans: Map<string, Span>;
  readonly #injections: Set<string>;
  readonly #steps: Set<string>;

  /** @param names of steps, or of phases that no step is named after */
  constructor(names: string[], steps: PlannedStep[]) {
    this.#spans = new Map(names.map((name) => [name, { fromMs: null, toMs: null }]));
    this.#steps = new Set(steps.map(({ id }) => id));
    this.#injections = new Set(steps.flatMap(({ id, action }) => (action.kind === 'inject' ? [id] : [])));
  }

  get names(): string[] {
    return [...this.#spans.keys()];
  }

  of(name: string): Span {
    return this.#spans.get(name)!;
  }

  has(name: string, dueMs: number): boolean {
    const { fromMs, toMs } = this.of(name);
    return fromMs !== null && dueMs >= fromMs && (toMs === null || dueMs < toMs);
  }

  add(event: RunEvent): void {
    if ('phase' in event && !this.#steps.has(event.phase))
      this.#mark(event.phase, event.type === 'phase-started' ? 'fromMs' : 'toMs', event.atMs);
    if (!('step' in event)) return;
    const isInjection = this.#injections.has(event.step);
    if (event.type === (isInjection ? 'injection-in-force' : 'step-started'))
      this.#mark(event.step, 'fromMs', event.atMs);
    if (event.type === (isInjection ? 'injection-undone' : 'step-ended')) this.#mark(event.step, 'toMs', event.atMs);
  }

  #mark(name: string, end: 'fromMs' | 'toMs', atMs: number): void {
    const span = this.#spans.get(name);
    if (span) span[end] ??= atMs;
  }
}
