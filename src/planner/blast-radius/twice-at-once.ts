import type { Diagnostic } from '../../model/diagnostic.ts';
import { placeOf } from '../../model/place.ts';
import type { FlatStep } from '../flatten.ts';
import { certainlyAtOnce } from './concurrent.ts';
import type { Timeline } from './timeline.ts';

/** Refuses two injections that are certain to be in force on one target at once, of what it bears only one of. */
export function twiceAtOnce(timeline: Timeline): Diagnostic[] {
  const alike = new Map<string, FlatStep[]>();
  for (const flat of timeline.steps) {
    const action = timeline.actions[flat.index];
    if (action?.kind !== 'inject' || action.alone === undefined) continue;
    const key = JSON.stringify([action.alone, action.target]);
    alike.set(key, [...(alike.get(key) ?? []), flat]);
  }
  return [...alike.values()].flatMap((injections) =>
    certainlyAtOnce(injections, 1, timeline, []).map(([flat, [other]]) => refusal(flat, other!, timeline)),
  );
}

function refusal({ step }: FlatStep, other: FlatStep, { places }: Timeline): Diagnostic {
  const target = step.kind === 'inject' ? step.target : undefined;
  return {
    severity: 'error',
    code: 'twice-at-once',
    message: `"${target}" bears only one of "${other.step.id}" and "${step.id}" at a time: the end of one would end or spoil the other`,
    hint: 'let one begin when the other is over, or hold one for the whole time',
    file: places.file,
    place: placeOf(places, step.path),
    related: [{ message: `"${other.step.id}" is in force then`, place: placeOf(places, other.step.path) }],
  };
}
