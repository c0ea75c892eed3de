import { performance } from 'node:perf_hooks';
import type { Output } from '../../../model/output.ts';
import type { Paint } from '../paint.ts';
import type { Board } from './board.ts';
import { frame } from './frame.ts';
import { Redraw } from './redraw.ts';

/** Eight pictures a second: enough for a countdown in tenths, and nothing to the clock that runs the timeline. */
const periodMs = 125;

/** Draws the board on a terminal at a fixed rate, however often it changes. */
export class Drawing {
  readonly #board: Board;
  readonly #stream: Output;
  readonly #columns: number;
  readonly #paint: Paint;
  readonly #redraw: Redraw;
  #timer: NodeJS.Timeout | undefined;
  #tick = 0;
  #eventMs = 0;
  #eventAt = performance.now();

  /** `columns` is for a terminal that does not tell its width. */
  constructor(board: Board, { stream, columns, paint }: { stream: Output; columns: number; paint: Paint }) {
    this.#board = board;
    this.#stream = stream;
    this.#columns = columns;
    this.#paint = paint;
    this.#redraw = new Redraw(stream);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.draw(), periodMs).unref();
  }

  /** The last picture stays. May be called again. */
  stop(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.draw();
    this.#redraw.close();
  }

  draw(): void {
    const columns = this.#stream.columns || this.#columns;
    const rows = Math.max(2, (this.#stream.rows || 24) - 1);
    this.#tick += 1;
    const canvas = { columns, rows, nowMs: this.#nowMs(), tick: this.#tick, paint: this.#paint };
    this.#redraw.draw(frame(this.#board, canvas), columns);
  }

  /** Time goes on between events. */
  #nowMs(): number {
    if (this.#board.nowMs !== this.#eventMs) {
      this.#eventMs = this.#board.nowMs;
      this.#eventAt = performance.now();
    }
    return this.#eventMs + performance.now() - this.#eventAt;
  }
}
