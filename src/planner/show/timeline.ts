import type { Plan, PlannedStep } from '../../model/plan.ts';
import { oneLine } from '../../text/clean.ts';
import { pad, widthOf } from '../../text/width.ts';
import { formatMoment } from './moment.ts';

/**
 * The timeline drawn to scale, a line a step: `█` is certain, `░` is possible (an open end), `◆` is done at once, and
 * `…` says that it may also be later. No line is longer than `columns` (at least 40).
 */
export function planTimeline(plan: Plan, columns: number): string {
  if (plan.steps.length === 0) return '';
  const labels = plan.steps.map(({ id, depth }) => '  '.repeat(Math.min(depth, 4)) + oneLine(id));
  let widest = 0;
  for (const label of labels) widest = Math.max(widest, widthOf(label));
  const labelWidth = Math.min(widest, mostLabel);
  const width = Math.max(columns, 40) - labelWidth - gap.length - 1; // the last column is for `…`
  const scale = new Scale(plan.steps, width);
  return [
    `${pad('', labelWidth)}${gap}${scale.axis()}`,
    ...plan.steps.map((step, index) => `${pad(labels[index]!, labelWidth)}${gap}${scale.bar(step)}`),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

export const timelineLegend = '█ certain  ░ possible  ◆ at once  … its end is open';

const mostLabel = 20;
const gap = '  ';

class Scale {
  readonly #totalMs: number;
  readonly #width: number;

  constructor(steps: PlannedStep[], width: number) {
    let last = 1;
    for (const { expected } of steps) last = Math.max(last, expected.latestEndMs ?? expected.earliestEndMs);
    this.#totalMs = last;
    this.#width = width;
  }

  bar({ expected, action }: PlannedStep): string {
    const { earliestStartMs, latestStartMs, earliestEndMs, latestEndMs } = expected;
    const from = this.#column(earliestStartMs);
    const to = Math.max(this.#column(latestEndMs ?? this.#totalMs), from + 1);
    const certainFrom = this.#column(latestStartMs ?? Number.POSITIVE_INFINITY);
    const certainTo = this.#column(earliestEndMs);
    const cells: string[] = Array.from({ length: to - from }, (_, cell) => {
      const column = from + cell;
      return column >= certainFrom && column < certainTo ? '█' : '░';
    });
    if (action.kind === 'inject' && action.hold === 'instant') cells[0] = '◆';
    else if (earliestEndMs === latestEndMs && to === from + 1) cells[0] = '█';
    return ' '.repeat(from) + cells.join('') + (latestEndMs === earliestEndMs ? '' : '…');
  }

  /** Round times at their columns, as many as there is room for. */
  axis(): string {
    const stepMs = roundSteps.find((one) => (this.#totalMs / one) * mostTick <= this.#width) ?? this.#totalMs;
    let axis = '';
    for (let ms = 0; ms <= this.#totalMs; ms += stepMs) {
      const label = formatMoment(ms);
      const column = this.#column(ms);
      if (column + label.length <= this.#width) axis = axis.padEnd(column) + label;
    }
    return axis;
  }

  #column = (ms: number): number =>
    Math.min(Math.floor((Math.min(ms, this.#totalMs) / this.#totalMs) * this.#width), this.#width - 1);
}

const mostTick = 10;
const roundSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500]
  .concat([1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1000))
  .concat([1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000))
  .concat([1, 2, 6, 12, 24, 168].map((hours) => hours * 3_600_000));
