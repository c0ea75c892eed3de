/** The part of the run that is shown, in milliseconds from its start. Lanes and charts show the same one. */
export class View {
  readonly wholeMs: number;
  fromMs = 0;
  toMs: number;
  readonly #listeners: (() => void)[] = [];

  constructor(durationMs: number) {
    this.wholeMs = Math.max(1, durationMs);
    this.toMs = this.wholeMs;
  }

  get isWhole(): boolean {
    return this.fromMs === 0 && this.toMs === this.wholeMs;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Shows this part, or as much of it as there is. */
  show(fromMs: number, toMs: number): void {
    const widthMs = Math.min(this.wholeMs, Math.max(shortestMs, toMs - fromMs));
    this.fromMs = Math.min(Math.max(0, fromMs), this.wholeMs - widthMs);
    this.toMs = this.fromMs + widthMs;
    for (const listener of this.#listeners) listener();
  }

  showWhole(): void {
    this.show(0, this.wholeMs);
  }

  /** @param factor below 1 comes closer, above 1 goes away; the middle stays */
  zoom(factor: number): void {
    const middle = (this.fromMs + this.toMs) / 2;
    const half = ((this.toMs - this.fromMs) * factor) / 2;
    this.show(middle - half, middle + half);
  }

  /** @param share of what is shown: a positive one goes to what is later */
  move(share: number): void {
    const by = (this.toMs - this.fromMs) * share;
    this.show(this.fromMs + by, this.toMs + by);
  }

  /** 0..1 within what is shown; beyond it outside. */
  shareOf(atMs: number): number {
    return (atMs - this.fromMs) / (this.toMs - this.fromMs);
  }
}

const shortestMs = 20;
