import { formatDuration } from '../../../../model/duration.ts';
import type { Report } from '../../../../model/report.ts';
import { formatOffset } from '../../../../text/offset.ts';
import type { Course } from '../../../picture/picture.ts';
import { h } from '../dom.ts';
import { sliceAt } from './course.ts';

const mostProbes = 8;

/** What was so at the moment that is pointed at, beside the pointer. */
export class Tooltip {
  readonly root = h('div', { class: 'tooltip', id: 'tooltip' });
  readonly #report: Report;
  readonly #courses: Course[];

  constructor(report: Report, courses: Course[]) {
    this.#report = report;
    this.#courses = courses;
    this.root.setAttribute('aria-hidden', 'true');
    this.root.hidden = true;
  }

  show(atMs: number, pointed: Course, x: number, y: number): void {
    const others = this.#courses.filter((course) => course !== pointed).slice(0, mostProbes - 1);
    this.root.replaceChildren(
      h('div', { class: 'at' }, formatOffset(atMs)),
      ...[...this.#goingOn(atMs)].map((line) => h('div', { class: 'going-on' }, line)),
      h(
        'div',
        { class: 'readings' },
        reading(pointed, atMs, readingInWords),
        ...others.map((course) => reading(course, atMs, briefly)),
      ),
    );
    this.root.hidden = false;
    const { width, height } = this.root.getBoundingClientRect();
    const left = x + 16 + width > innerWidth ? Math.max(4, x - 16 - width) : x + 16;
    const top = y + 16 + height > innerHeight ? Math.max(4, y - 16 - height) : y + 16;
    this.root.style.left = `${left}px`;
    this.root.style.top = `${top}px`;
  }

  hide(): void {
    this.root.hidden = true;
  }

  *#goingOn(atMs: number): Generator<string> {
    const { injections, outages, steps, phases, durationMs } = this.#report;
    const isOn = (fromMs: number | null, toMs: number | null): boolean =>
      fromMs !== null && fromMs <= atMs && atMs < (toMs ?? durationMs);
    const phase = phases.findLast(({ startMs, endMs }) => isOn(startMs, endMs));
    if (phase) yield `phase ${phase.phase}`;
    for (const { step, fault, actual } of injections)
      if (isOn(actual.inForceMs ?? actual.startMs, actual.endMs)) yield `⚡ ${step}: ${fault} in force`;
    for (const { id, kind, startMs, endMs } of steps) if (kind !== 'inject' && isOn(startMs, endMs)) yield `▸ ${id}`;
    for (const { probe, startMs, endMs } of outages) if (isOn(startMs, endMs)) yield `✗ outage of ${probe}`;
  }
}

function reading(course: Course, atMs: number, say: (course: Course, index: number) => string): HTMLElement {
  const index = sliceAt(course, atMs);
  return h(
    'div',
    { class: 'reading' },
    h('strong', {}, course.probe),
    ' ',
    index === undefined ? 'not asked' : say(course, index),
  );
}

/** `12.3ms (max 40ms), 3 of 5 bad: status 503`. */
function readingInWords(course: Course, index: number): string {
  const good = course.good[index]!;
  const bad = course.bad[index]!;
  const unmeasured = course.unmeasured[index]!;
  const count = good + bad + unmeasured;
  if (count === 0) return 'not asked';
  const reason = course.reason[index];
  const why = reason === undefined ? '' : `: ${course.reasons[reason]}`;
  return [
    ...(good > 0 ? [latencyInWords(course, index)] : []),
    ...(bad > 0 ? [count === 1 ? `bad${why}` : `${bad} of ${count} bad${why}`] : []),
    ...(unmeasured > 0 ? [`${unmeasured} not measured${bad > 0 ? '' : why}`] : []),
  ].join(', ');
}

/** The median, and how many were not good. */
function briefly({ good, bad, unmeasured, median }: Course, index: number): string {
  const flaws = [
    ...(bad[index]! > 0 ? [`${bad[index]} bad`] : []),
    ...(unmeasured[index]! > 0 ? [`${unmeasured[index]} not measured`] : []),
  ];
  return [...(good[index]! > 0 ? [formatDuration(median[index] ?? 0)] : []), ...flaws].join(', ') || 'not asked';
}

function latencyInWords({ good, min, median, p95, max }: Course, index: number): string {
  const written = (ms: number | null | undefined): string => formatDuration(ms ?? 0);
  if (good[index] === 1) return written(median[index]);
  return `median ${written(median[index])}, ${written(min[index])} to ${written(max[index])}, p95 ${written(p95[index])} (${good[index]} good)`;
}
