import type UPlot from 'uplot';
import { formatDuration } from '../../../../model/duration.ts';
import type { Report } from '../../../../model/report.ts';
import { formatOffset } from '../../../../text/offset.ts';
import type { Course } from '../../../picture/picture.ts';
import { formatShare } from '../../../text/figures.ts';
import type { PageData } from '../../page-data.ts';
import { h, section } from '../dom.ts';
import { pictureAsTable } from './as-table.ts';
import { lanesOf } from './bars.ts';
import { chart } from './chart.ts';
import { readInk } from './ink.ts';
import { Lanes } from './lanes.ts';
import { Tooltip } from './tooltip.ts';
import { View } from './view.ts';

/**
 * Steps and faults as bars over every probe's latency and state, all on one axis of time.
 * @param ended aborted when it is not shown any more
 * @param previous what was shown of it before: the same part is shown again
 */
export function picture(
  { report, picture: { probes: courses } }: PageData,
  ended: AbortSignal,
  previous?: View,
): { part: HTMLElement | undefined; view: View } {
  const view = new View(report.durationMs);
  if (previous && !previous.isWhole) view.show(previous.fromMs, previous.toMs);
  const lanes = new Lanes(lanesOf(report), view);
  const tooltip = new Tooltip(report, courses);
  const shown = h('span', { class: 'shown', role: 'status' });
  const charts = courses.map((course) => ({ course, at: h('div', { class: 'chart' }) }));
  const part = section(
    'timeline',
    'Timeline',
    toolbar(view, shown),
    lanes.root,
    ...charts.map(({ course, at }) => h('figure', {}, h('figcaption', {}, ...caption(course, report)), at)),
    courses.length > 0 && legend(),
    pictureAsTable(report, courses),
    tooltip.root,
  );
  // What is drawn needs its place on the page.
  queueMicrotask(() => {
    if (ended.aborted) return;
    readInk();
    const plots = charts.map(({ course, at }) => {
      const plot = chart(course, report, view, at);
      follow(plot, course, tooltip);
      return plot;
    });
    const update = (): void => {
      lanes.layOut();
      for (const plot of plots) plot.setScale('x', { min: view.fromMs, max: view.toMs });
      shown.textContent = view.isWhole ? 'the whole run' : `${formatOffset(view.fromMs)} to ${formatOffset(view.toMs)}`;
    };
    view.onChange(update);
    update();
    keepInShape(lanes, plots, charts, ended);
    ended.addEventListener('abort', () => {
      for (const plot of plots) plot.destroy();
    });
  });
  return { part, view };
}

function toolbar(view: View, shown: HTMLElement): HTMLElement {
  const button = (name: string, label: string, click: () => void): HTMLElement =>
    h('button', { type: 'button', label, title: label, on: { click } }, name);
  return h(
    'div',
    { class: 'toolbar', role: 'toolbar', label: 'Zoom' },
    button('+', 'Zoom in', () => view.zoom(0.5)),
    button('−', 'Zoom out', () => view.zoom(2)),
    button('◀', 'Earlier', () => view.move(-0.5)),
    button('▶', 'Later', () => view.move(0.5)),
    button('Whole run', 'Show the whole run', () => view.showWhole()),
    shown,
    h('span', { class: 'quiet hint' }, 'Drag over a chart to zoom, or choose a bar.'),
  );
}

function caption({ probe, widthMs }: Course, { probes }: Report): (Node | string)[] {
  const figures = probes.find(({ id }) => id === probe);
  const { availability = null, latencyMs = null } = figures ?? {};
  const said = [
    ...(availability === null ? [] : [`${formatShare(availability)} good`]),
    ...(latencyMs === null ? [] : [`p50 ${formatDuration(latencyMs.p50)}`, `p99 ${formatDuration(latencyMs.p99)}`]),
    `latency, logarithmic, in slices of ${formatDuration(widthMs)}`,
  ];
  return [h('strong', {}, probe), ' ', h('span', { class: 'quiet' }, said.join(' · '))];
}

function legend(): HTMLElement {
  const key = (look: string, text: string): HTMLElement => {
    const swatch = h('span', { class: `swatch ${look}` });
    swatch.setAttribute('aria-hidden', 'true');
    return h('li', {}, swatch, text);
  };
  return h(
    'ul',
    { class: 'legend', label: 'Legend' },
    key('median', 'median'),
    key('p95', 'p95'),
    key('range', 'least to greatest'),
    key('good', 'good answers'),
    key('bad', 'bad answers'),
    key('unmeasured', 'could not be measured'),
    key('outage', 'outage'),
    key('in-force', 'fault in force'),
  );
}

function follow(plot: UPlot, course: Course, tooltip: Tooltip): void {
  plot.over.addEventListener('pointermove', (event) => {
    const atMs = plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, 'x');
    tooltip.show(atMs, course, event.clientX, event.clientY);
  });
  plot.over.addEventListener('pointerleave', () => tooltip.hide());
}

/** Draws anew when the width, the theme or the medium changes. */
function keepInShape(lanes: Lanes, plots: UPlot[], charts: { at: HTMLElement }[], signal: AbortSignal): void {
  const redraw = (): void => {
    readInk();
    lanes.layOut();
    for (const [index, plot] of plots.entries()) {
      const width = Math.max(200, charts[index]!.at.clientWidth);
      if (width === plot.width) plot.redraw(false);
      else plot.setSize({ width, height: plot.height });
    }
  };
  let width = lanes.root.clientWidth;
  const observer = new ResizeObserver(() => {
    if (lanes.root.clientWidth === width) return;
    width = lanes.root.clientWidth;
    redraw();
  });
  observer.observe(lanes.root);
  signal.addEventListener('abort', () => observer.disconnect());
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw, { signal });
  const onPaper = (isPaper: boolean) => () => {
    document.documentElement.classList.toggle('paper', isPaper);
    redraw();
  };
  window.addEventListener('beforeprint', onPaper(true), { signal });
  window.addEventListener('afterprint', onPaper(false), { signal });
}
