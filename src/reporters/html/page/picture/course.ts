import type { Course } from '../../../picture/picture.ts';

export type Column = (number | null | undefined)[];

/** The columns of a chart: the middle of each slice, then max, min, p95, median. A hole in what was asked is no gap in the answers. */
export function columnsOf(course: Course): [number[], Column, Column, Column, Column] {
  const { max, min, p95, median } = course;
  const asked = (index: number): boolean => course.good[index]! + course.bad[index]! + course.unmeasured[index]! > 0;
  // For uPlot `null` is a gap, `undefined` is nothing.
  const gaps = (values: (number | null)[]): Column =>
    values.map((value, index) => value ?? (asked(index) ? null : undefined));
  return [
    course.good.map((_, index) => course.startMs + (index + 0.5) * course.widthMs),
    gaps(max),
    gaps(min),
    gaps(p95),
    gaps(median),
  ];
}

/** Which slice a moment lies in; `undefined` outside. */
export function sliceAt({ startMs, widthMs, good }: Course, atMs: number): number | undefined {
  const index = Math.floor((atMs - startMs) / widthMs);
  return index >= 0 && index < good.length ? index : undefined;
}

/** Slices in a row in the same state, as stretches of time. Holes in what was asked belong to what was before them. */
export function stretches(course: Course): { state: State; fromMs: number; toMs: number }[] {
  const found: { state: State; fromMs: number; toMs: number }[] = [];
  for (let index = 0; index < course.good.length; index += 1) {
    const state = stateOf(course, index);
    const fromMs = course.startMs + index * course.widthMs;
    const last = found.at(-1);
    if (last && (state === undefined || state === last.state)) last.toMs = fromMs + course.widthMs;
    else if (state) found.push({ state, fromMs, toMs: fromMs + course.widthMs });
  }
  return found;
}

export type State = 'good' | 'bad' | 'unmeasured';

/** The worst of a slice; `undefined` when nothing was asked in it. */
function stateOf({ good, bad, unmeasured }: Course, index: number): State | undefined {
  if (bad[index]! > 0) return 'bad';
  if (unmeasured[index]! > 0) return 'unmeasured';
  return good[index]! > 0 ? 'good' : undefined;
}
