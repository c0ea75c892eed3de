import { stripVTControlCharacters } from 'node:util';
import type { Output } from '../../../model/output.ts';
import { widthOf } from '../../../text/width.ts';

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const clearBelow = '\u001b[0J';
const clearLine = '\u001b[2K';
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A\r` : '\r');

/** Draws lines over those that it drew before, and gives the cursor back at the end. */
export class Redraw {
  readonly #stream: Output;
  #drawn: string[] = [];
  #open = false;
  readonly #restore = (): void => this.close();

  constructor(stream: Output) {
    this.#stream = stream;
  }

  /** `columns` is the width now: after a change, lines drawn before may take more of them than one. */
  draw(lines: string[], columns: number): void {
    // A terminal that does not keep up (Ctrl-S, a slow line) gets the next picture when it can take one.
    if (this.#stream.writableNeedDrain) return;
    if (!this.#open) {
      this.#open = true;
      process.once('exit', this.#restore);
      this.#stream.write(hideCursor);
    }
    const height = this.#drawn.reduce((sum, line) => sum + heightOf(line, columns), 0);
    const text = lines.map((line) => `${clearLine}${line}\n`).join('');
    this.#stream.write(`${up(height)}${text}${clearBelow}`);
    this.#drawn = lines;
  }

  /** Leaves what was drawn last. May be called again. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    process.removeListener('exit', this.#restore);
    this.#drawn = [];
    this.#stream.write(showCursor);
  }
}

const heightOf = (line: string, columns: number): number =>
  Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / Math.max(1, columns)));
