import type { Diagnostic } from '../model/diagnostic.ts';
import { type Places, placeOf } from '../model/place.ts';
import { followsElder } from './dependencies.ts';
import type { FlatStep } from './flatten.ts';

/**
 * Warns of injections that are undone as soon as they are in force, because they have no `for` and nothing in their
 * group can still be going on then.
 */
export function heldForNothing(steps: FlatStep[], places: Places): Diagnostic[] {
  const siblings = new Map<FlatStep | undefined, FlatStep[]>();
  for (const flat of steps) {
    const group = siblings.get(flat.parent);
    if (group) group.push(flat);
    else siblings.set(flat.parent, [flat]);
  }
  return [...siblings.values()].flatMap((group) =>
    openEndedAtTheEnd(group).map(({ step, parent }) => ({
      severity: 'warning' as const,
      code: 'held-for-nothing',
      message: `"${step.id}" is undone as soon as it is in force: nothing follows it in ${parent ? `the group "${parent.step.id}"` : 'the timeline'}`,
      hint: 'say how long it is held with "for", or let another step follow',
      file: places.file,
      place: placeOf(places, step.path),
    })),
  );
}

/** The open-ended injections behind the last other member, if all members are certain to be over by then. */
function openEndedAtTheEnd(group: FlatStep[]): FlatStep[] {
  const last = group.findLastIndex((flat) => !flat.isOpenEnded);
  if (last < 0) return group;
  const isOneAfterAnother = group.every((flat, position) => position === 0 || followsElder(flat));
  return isOneAfterAnother ? group.slice(last + 1) : [];
}
