import { formatDuration } from '../../../../model/duration.ts';
import type { Report } from '../../../../model/report.ts';
import { formatOffset } from '../../../../text/offset.ts';
import type { Course } from '../../../picture/picture.ts';
import { details, h, table } from '../dom.ts';
import { lanesOf } from './bars.ts';

const mostRows = 24;

/** The same for whoever cannot see the picture: what went on, and each probe in at most 24 parts of the run. */
export function pictureAsTable(report: Report, courses: Course[]): HTMLElement {
  const tables = details(
    'The picture as tables',
    table(['From', 'For', 'What', ''], happenings(report), 'What went on'),
    ...courses.map((course) =>
      table(
        ['From', 'Good', 'Bad', 'Not measured', 'Median', 'Max'],
        coarse(course, mostRows).map(({ fromMs, good, bad, unmeasured, median, max }) => [
          formatOffset(fromMs),
          String(good),
          String(bad),
          String(unmeasured),
          median,
          max === null ? '–' : formatDuration(max),
        ]),
        course.probe,
      ),
    ),
  );
  // On paper the picture itself is enough.
  tables.classList.add('screen-only');
  return tables;
}

function happenings(report: Report) {
  const bars = lanesOf(report).flatMap(({ title, bars }) => bars.map((bar) => ({ title, ...bar })));
  const outages = report.outages.map(({ probe, startMs, endMs, reason }) => ({
    title: 'outages',
    fromMs: startMs,
    toMs: endMs ?? report.durationMs,
    about: `outage of ${probe}${reason === undefined ? '' : `: ${reason}`}`,
  }));
  return [...bars, ...outages]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(({ title, about, fromMs, toMs }) => [
      formatOffset(fromMs),
      formatDuration(toMs - fromMs),
      h('span', {}, about.split('\n')[0]),
      title,
    ]);
}

/** The medians of several slices do not add up to one: it says between which they lie. */
function coarse(course: Course, most: number) {
  const each = Math.max(1, Math.ceil(course.good.length / most));
  return Array.from({ length: Math.ceil(course.good.length / each) }, (_, row) => {
    const part = <T>(values: T[]): T[] => values.slice(row * each, (row + 1) * each);
    const medians = part(course.median).filter((value) => value !== null);
    const highest = part(course.max).filter((value) => value !== null);
    return {
      fromMs: course.startMs + row * each * course.widthMs,
      good: sum(part(course.good)),
      bad: sum(part(course.bad)),
      unmeasured: sum(part(course.unmeasured)),
      median: medians.length === 0 ? '–' : range(Math.min(...medians), Math.max(...medians)),
      max: highest.length === 0 ? null : Math.max(...highest),
    };
  });
}

const range = (low: number, high: number): string =>
  formatDuration(low) === formatDuration(high)
    ? formatDuration(low)
    : `${formatDuration(low)} to ${formatDuration(high)}`;
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
