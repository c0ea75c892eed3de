import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fault that is in force for as long as a test needs it, and a run that goes on for as long: however slow the machine. */
export class Hold {
  readonly #folder = mkdtempSync(join(tmpdir(), 'chaos-hold-'));

  constructor() {
    chmodSync(this.#folder, 0o711);
  }

  /** The timeline. @param inject what follows `inject:` in a step, in flow style */
  steps(inject: string): string {
    return `  - parallel:
      - { id: held, inject: ${inject} }
      - ${this.#until('lifted')}
  - ${this.#until('over')}`;
  }

  /** Lifts it; the run goes on. */
  lift(): void {
    writeFileSync(join(this.#folder, 'lifted'), '');
  }

  /** Ends the run. */
  finish(): void {
    this.lift();
    writeFileSync(join(this.#folder, 'over'), '');
  }

  /** Once the run has ended. */
  clear(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #until(sign: string): string {
    return `{ run: [sh, -c, 'until [ -e "$0" ]; do sleep 0.02; done', ${join(this.#folder, sign)}], within: 50s }`;
  }
}
