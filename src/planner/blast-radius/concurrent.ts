import type { Diagnostic } from '../../model/diagnostic.ts';
import { type FlatStep, isInjection, isWithin } from '../flatten.ts';
import { begins, ended } from '../graph/event-graph.ts';
import type { Cover } from './cover.ts';
import { exceeded } from './exceeded.ts';
import { framesOf } from './frames.ts';
import type { Timeline } from './timeline.ts';

/**
 * Refuses injections that begin while too many others are certain to be in force: by the clock, by their distance to a
 * moment that both wait for, or because open-ended ones are held around them. One that is refused does not count
 * against those after it.
 */
export function tooManyAtOnce(timeline: Timeline, cover: (Cover | undefined)[]): Diagnostic[] {
  const limit = timeline.limits.concurrentFaults;
  if (limit === undefined) return [];
  const injections = timeline.steps.filter(isInjection);
  return certainlyAtOnce(injections, limit, timeline, cover).map(([flat, others]) =>
    exceeded(
      'concurrentFaults',
      `${limit} at once`,
      flat,
      {
        message: `"${flat.step.id}" would be fault number ${others.length + 1} at the same time`,
        hint: `still in force then: ${named(others)}`,
      },
      timeline,
    ),
  );
}

/** @returns in the order of the file, those of the injections that are one too many, each with those in force when it begins */
export function certainlyAtOnce(
  injections: FlatStep[],
  limit: number,
  timeline: Timeline,
  cover: (Cover | undefined)[],
): [FlatStep, FlatStep[]][] {
  if (injections.length <= limit) return [];
  const refused = new Map<FlatStep, FlatStep[]>();
  for (const sights of [byTheClock(injections, timeline), ...byDistance(injections, timeline)])
    sweep(sights, limit, cover, refused);
  return [...refused].sort(([first], [second]) => first.index - second.index);
}

/** An injection as seen from one frame: when it begins there, and how long it lasts at least. Milliseconds. */
interface Sighting {
  flat: FlatStep;
  earliest: number;
  latest: number;
  endsAfter: number;
}

function byTheClock(injections: FlatStep[], { times }: Timeline): Sighting[] {
  return injections.map((flat) => ({
    flat,
    earliest: times.earliest[begins(flat.index)]!,
    latest: times.latest[begins(flat.index)]!,
    endsAfter: times.earliest[ended(flat.index)]!,
  }));
}

function byDistance(injections: FlatStep[], timeline: Timeline): Sighting[][] {
  const { frame, offset } = framesOf(timeline);
  const { spans, times } = timeline;
  const frames = new Map<number, Sighting[]>();
  for (const flat of injections) {
    const [from, to] = [begins(flat.index), ended(flat.index)];
    if (times.earliest[from] === times.latest[from]) continue; // the clock knows it
    const at = offset[from]!;
    const endsAfter = frame[to] === frame[from] ? offset[to]! : at + spans[flat.index]!.hold.min;
    const sighting = { flat, earliest: at, latest: at, endsAfter };
    const others = frames.get(frame[from]!);
    if (others) others.push(sighting);
    else frames.set(frame[from]!, [sighting]);
  }
  return [...frames.values()];
}

/** Goes through the injections as they begin, keeping those that are certain to be in force. */
function sweep(
  sightings: Sighting[],
  limit: number,
  cover: (Cover | undefined)[],
  refused: Map<FlatStep, FlatStep[]>,
): void {
  const byEarliest = sightings.toSorted((a, b) => a.earliest - b.earliest || a.flat.index - b.flat.index);
  const byLatest = sightings.toSorted((a, b) => a.latest - b.latest || a.flat.index - b.flat.index);
  let begun = 0;
  let held: Sighting[] = [];
  for (const next of byEarliest) {
    for (; begun < byLatest.length && isBefore(byLatest[begun]!, next); begun += 1)
      if (!refused.has(byLatest[begun]!.flat)) held.push(byLatest[begun]!);
    held = held.filter(({ flat, endsAfter }) => flat.isOpenEnded || endsAfter >= next.earliest);
    const others = held.filter((one) => isInForce(one, next)).map(({ flat }) => flat);
    const around = cover[begins(next.flat.index)];
    if (others.length + (around?.count ?? 0) < limit || refused.has(next.flat)) continue;
    const all = new Set([...others, ...injectionsOf(around)]);
    if (all.size >= limit) refused.set(next.flat, [...all]);
  }
}

const isBefore = (one: Sighting, next: Sighting): boolean =>
  one.latest < next.earliest || (one.latest === next.earliest && one.flat.index < next.flat.index);

/** Whether `one`, which is certain to begin no later than `next`, is certain to be in force when `next` begins. */
function isInForce(one: Sighting, next: Sighting): boolean {
  if (one.endsAfter > next.latest) return true;
  if (one.flat.isOpenEnded) return !one.flat.parent || isWithin(next.flat, one.flat.parent);
  // An instant fault takes a moment: of two at the very same one, the second begins while the first is going on.
  const isInstant = one.flat.step.kind === 'inject' && one.flat.step.for === undefined;
  return isInstant && one.earliest === next.latest;
}

function injectionsOf(cover: Cover | undefined): FlatStep[] {
  const injections: FlatStep[] = [];
  for (let one = cover; one; one = one.next) injections.push(one.injection);
  return injections;
}

function named(others: FlatStep[]): string {
  const ids = others.slice(0, 3).map(({ step }) => `"${step.id}"`);
  return others.length > 3 ? `${ids.join(', ')} and ${others.length - 3} more` : ids.join(', ');
}
