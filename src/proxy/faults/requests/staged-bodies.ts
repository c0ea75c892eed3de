import type { Duplex } from 'node:stream';
import type { Stage } from '../../flow/stage.ts';
import { StagedBody } from '../../protocols/http2/staged-body.ts';

/** The bodies in which a fault has put a stage, until they are over or the fault is lifted. */
export class StagedBodies {
  readonly #bodies = new Set<StagedBody>();
  #isOver = false;

  through(stage: Stage): Duplex {
    const body = new StagedBody(stage);
    if (this.#isOver) body.lift();
    this.#bodies.add(body);
    body.once('close', () => this.#bodies.delete(body));
    return body;
  }

  /** From here on they pass as they are. */
  lift(): void {
    this.#isOver = true;
    for (const body of this.#bodies) body.lift();
  }
}
