import type { Place } from '../../model/place.ts';

/** Where the lines of a text begin. (The yaml package's own counter loses lines that stand before a directive's end.) */
export class Lines {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  /** The place of what stands from one offset to another; what goes over a line's end ends there. */
  place(from: number, to: number): Place {
    const start = Math.min(Math.max(from, 0), this.#text.length);
    const line = this.#lineOf(start);
    const end = Math.max(start, (this.#starts[line] ?? this.#text.length + 1) - 1);
    return { line, column: start - this.#starts[line - 1]! + 1, length: Math.max(1, Math.min(to, end) - start) };
  }

  /** Counted from one. */
  #lineOf(offset: number): number {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}
