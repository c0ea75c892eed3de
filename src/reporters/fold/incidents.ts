import type { RunEvent } from '../../model/event.ts';

/** What befell the run itself, in words; each list in the order of its events. */
export class Incidents {
  readonly safeguards: string[] = [];
  readonly aborts: string[] = [];
  readonly refusals: string[] = [];
  /** Targets that did not come up before anything was harmed. */
  readonly startFailures: string[] = [];
  /** Targets that were up once and did not come back. */
  readonly lostTargets: string[] = [];
  readonly instruments: string[] = [];
  readonly defects: string[] = [];
  ended = false;
  #starting = true;

  /** Whether the run did not come to its own end. */
  get stopped(): boolean {
    return (
      !this.ended ||
      [this.safeguards, this.aborts, this.refusals, this.instruments, this.defects].some((said) => said.length > 0)
    );
  }

  add(event: RunEvent): void {
    switch (event.type) {
      case 'phase-started':
        this.#starting = event.phase === 'start';
        break;
      case 'target-failed':
        if (this.#starting) this.startFailures.push(`target ${event.target} did not start: ${event.message}`);
        else this.lostTargets.push(`target ${event.target} did not come back: ${event.message}`);
        break;
      case 'safeguard-tripped':
        this.safeguards.push(`a safeguard stopped the run: ${event.message}`);
        break;
      case 'abort-requested':
        this.aborts.push(event.reason);
        break;
      case 'refused':
        this.refusals.push(...event.diagnostics.map(({ message }) => `refused: ${message}`));
        break;
      case 'instrument-failed':
        this.instruments.push(`${event.instrument} failed, what it would have seen is unknown: ${event.message}`);
        break;
      case 'defect':
        this.defects.push(`a defect of chaos, not of the system: ${event.message}`);
        break;
      case 'run-ended':
        this.ended = true;
        break;
    }
  }
}
