import type { ListrRenderer } from 'listr2';
import type { Drawing } from './drawing.ts';

/**
 * A renderer for listr2 that draws a bounded window at a fixed rate, whatever happens in between. listr2's default one
 * draws every task at every change, which stalls the event loop for most of a second at a hundred tasks. What is shown
 * comes from the board: the states of listr2's tasks follow the events only after some turns of promises.
 */
export class BoardRenderer implements ListrRenderer {
  static rendererOptions: { drawing: Drawing };
  static rendererTaskOptions: never;
  /** Whether there is a terminal was decided for the stream that is drawn on, not for stdout. */
  static nonTTY = true;
  readonly #drawing: Drawing;

  constructor(_tasks: unknown, { drawing }: { drawing: Drawing }) {
    this.#drawing = drawing;
  }

  render(): void {
    this.#drawing.start();
  }

  end(): void {
    this.#drawing.stop();
  }
}
