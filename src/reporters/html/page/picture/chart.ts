import UPlot from 'uplot';
import { formatDuration } from '../../../../model/duration.ts';
import type { Report } from '../../../../model/report.ts';
import type { Course } from '../../../picture/picture.ts';
import { columnsOf } from './course.ts';
import { drawShades, drawStates } from './draw.ts';
import { ink, thin } from './ink.ts';
import type { View } from './view.ts';

/** Left of every chart, for the names of its ticks; the lanes leave the same. */
const gutter = 56;
const rightMargin = 24;
const height = 132;

/** Latency and state of one probe over time. */
export function chart(course: Course, report: Report, view: View, at: HTMLElement): UPlot {
  const columns = columnsOf(course);
  const y = latencyScale(course);
  const showWhole = (): null => {
    view.showWhole();
    return null;
  };
  const line = (width: number, dash?: number[]): UPlot.Series => ({
    width,
    stroke: () => (width > 0 ? ink.accent : 'transparent'),
    ...(dash ? { dash } : {}),
  });
  return new UPlot(
    {
      width: Math.max(200, at.clientWidth),
      height,
      padding: [6, rightMargin, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
        sync: { key: 'run', scales: ['x', null] },
        bind: { dblclick: () => showWhole },
      },
      scales: {
        x: { time: false, range: () => [view.fromMs, view.toMs] },
        y: { distr: 3, range: () => y.range },
      },
      axes: [
        {
          stroke: () => ink.quiet,
          grid: { stroke: () => ink.line, width: 1 },
          ticks: { stroke: () => ink.line, width: 1, size: 4 },
          font: '11px system-ui, sans-serif',
          size: 24,
          gap: 2,
          space: 70,
          incrs: timeSteps,
          values: (_, splits) => splits.map((atMs) => tick(atMs, splits)),
        },
        {
          stroke: () => ink.quiet,
          grid: { stroke: () => ink.line, width: 1 },
          ticks: { show: false },
          font: '11px system-ui, sans-serif',
          size: gutter,
          gap: 6,
          splits: () => y.ticks,
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map((ms) => formatDuration(ms)),
        },
      ],
      series: [{}, line(0), line(0), line(1, [4, 3]), line(1.75)],
      bands: [{ series: [1, 2], fill: () => thin(ink.accent, 0.18) }],
      hooks: {
        drawClear: [(plot) => drawShades(plot, course.probe, report)],
        draw: [(plot) => drawStates(plot, course)],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 3) return;
            view.show(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    columns as UPlot.AlignedData,
    at,
  );
}

const timeSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 216e5,
  432e5, 864e5,
];

/** `0:05`, `1:02:00`; with as many digits as tell two ticks apart. */
function tick(atMs: number, splits: number[]): string {
  const step = (splits[1] ?? 1000) - (splits[0] ?? 0);
  const digits = step >= 1000 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
  const seconds = (atMs / 1000) % 60;
  const minutes = Math.floor(atMs / 60_000) % 60;
  const hours = Math.floor(atMs / 3_600_000);
  const two = (value: string): string => (value.split('.')[0]!.length < 2 ? `0${value}` : value);
  return `${hours > 0 ? `${hours}:${two(String(minutes))}` : minutes}:${two(seconds.toFixed(digits))}`;
}

/** Latencies differ by factors of a thousand: the scale is logarithmic. Below the lowest there is room for the states. */
function latencyScale({ min, max }: Course): { range: [number, number]; ticks: number[] } {
  const lowest = least(min) ?? 1;
  const highest = Math.max(lowest, greatest(max) ?? 10);
  const low = Math.log10(Math.max(lowest, 0.01));
  const span = Math.max(Math.log10(Math.max(highest, 0.01)) - low, 0.6);
  const range: [number, number] = [10 ** (low - 0.22 * span), 10 ** (low + 1.08 * span)];
  const decades = Array.from({ length: 12 }, (_, index) => 10 ** (index - 3));
  const within = (ticks: number[]): number[] => ticks.filter((ms) => ms >= lowest * 0.95 && ms <= range[1]);
  const ticks = [decades, decades.flatMap((ms) => [ms, 3 * ms]), decades.flatMap((ms) => [ms, 2 * ms, 5 * ms])].map(
    within,
  );
  return { range, ticks: ticks.find(({ length }) => length >= 2) ?? ticks.at(-1)! };
}

const least = (values: (number | null)[]): number | undefined =>
  values.reduce<number | undefined>(
    (found, value) => (value !== null && (found === undefined || value < found) ? value : found),
    undefined,
  );
const greatest = (values: (number | null)[]): number | undefined =>
  values.reduce<number | undefined>(
    (found, value) => (value !== null && (found === undefined || value > found) ? value : found),
    undefined,
  );
