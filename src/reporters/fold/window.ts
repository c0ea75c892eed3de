import type { RunEvent } from '../../model/event.ts';

/**
 * The time in which samples count: from the end of the baseline until the recovery is over. Before it the system had
 * promised nothing, after it the run takes things down.
 */
export class Window {
  fromMs: number | null = null;
  toMs: number | null = null;

  add(event: RunEvent): void {
    if (event.type === 'phase-ended' && event.phase === 'baseline' && event.outcome === 'passed')
      this.#open(event.atMs);
    if (event.type === 'phase-ended' && event.phase === 'recovery') this.#close(event.atMs);
    if (event.type !== 'phase-started') return;
    if (event.phase === 'timeline') this.#open(event.atMs);
    if (['verification', 'undo', 'stop'].includes(event.phase)) this.#close(event.atMs);
  }

  has(dueMs: number): boolean {
    return this.fromMs !== null && dueMs >= this.fromMs && (this.toMs === null || dueMs < this.toMs);
  }

  #open(atMs: number): void {
    this.fromMs ??= atMs;
  }

  #close(atMs: number): void {
    this.toMs ??= atMs;
  }
}
