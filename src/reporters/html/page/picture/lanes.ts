import { h } from '../dom.ts';
import type { Bar, Lane } from './bars.ts';
import type { View } from './view.ts';

const characterWidth = 6.7;
const narrowest = 4;
const mostRows = 12;

/** The lanes above the charts. A bar is a button: it shows its own time. */
export class Lanes {
  readonly root: HTMLElement;
  readonly #view: View;
  readonly #lanes: { lane: Lane; field: HTMLElement }[];

  constructor(lanes: Lane[], view: View) {
    this.#view = view;
    this.#lanes = lanes.map((lane) => ({ lane, field: h('div', { class: 'field' }) }));
    this.root = h(
      'div',
      { class: 'lanes', role: 'group', label: 'What went on' },
      ...this.#lanes.map(({ lane, field }) =>
        h('div', { class: 'lane' }, h('div', { class: 'lane-title' }, lane.title), field),
      ),
    );
  }

  /** Lays the bars out anew, in rows so that neither bars nor their names lie on one another. */
  layOut(): void {
    for (const { lane, field } of this.#lanes) {
      const width = field.clientWidth;
      const rowEnds: number[] = [];
      const elements = lane.bars.flatMap((bar) => this.#place(bar, width, rowEnds) ?? []);
      field.replaceChildren(...elements);
      field.style.height = `${Math.max(1, rowEnds.length) * 22}px`;
    }
  }

  #place(bar: Bar, width: number, rowEnds: number[]): HTMLElement | undefined {
    const left = this.#view.shareOf(bar.fromMs) * width;
    const right = this.#view.shareOf(bar.toMs) * width;
    if (right < 0 || left > width) return undefined;
    const from = Math.max(0, Math.min(left, width - narrowest));
    const to = Math.max(from + narrowest, Math.min(width, right));
    const name = bar.name.length * characterWidth + 10;
    const fits = name <= to - from;
    // A name that does not fit stands behind its bar, or before it where the picture ends.
    const before = !fits && to + name > width && from - name >= 0;
    const begins = before ? from - name : from;
    const ends = fits || before ? to : to + name + 3;
    let row = rowEnds.findIndex((end) => end <= begins + 1);
    if (row < 0) row = rowEnds.length < mostRows ? rowEnds.length : mostRows - 1;
    rowEnds[row] = Math.max(rowEnds[row] ?? 0, ends);
    const element = h(
      'button',
      {
        class: `bar ${bar.look} ${fits ? 'within' : before ? 'before' : 'behind'}`,
        type: 'button',
        title: bar.about,
        label: bar.about,
        on: { click: () => this.#show(bar) },
      },
      h('span', {}, bar.name),
    );
    element.style.left = `${from}px`;
    element.style.width = `${Math.max(narrowest, to - from - 1)}px`;
    element.style.top = `${row * 22}px`;
    return element;
  }

  #show({ fromMs, toMs }: Bar): void {
    const room = Math.max((toMs - fromMs) * 0.1, 250);
    this.#view.show(fromMs - room, toMs + room);
  }
}
