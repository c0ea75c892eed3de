import type { Diagnostic } from '../../model/diagnostic.ts';
import { placeOf } from '../../model/place.ts';
import type { FlatStep } from '../flatten.ts';
import { certainlyAtOnce } from './concurrent.ts';
import type { Timeline } from './timeline.ts';

/** Refuses two injections that are certain to be in force on one target at once, of what it bears only one of. */
export function twiceAtOnce(timeline: Timeline): Diagnostic[] {
  const alike = new Map<string, { alone: FlatStep[]; beside: FlatStep[] }>();
  for (const flat of timeline.steps) {
    const action = timeline.actions[flat.index];
    if (action?.kind !== 'inject') continue;
    for (const how of ['alone', 'beside'] as const) {
      if (action[how] === undefined) continue;
      const key = JSON.stringify([action[how], action.target]);
      const group = alike.get(key) ?? { alone: [], beside: [] };
      group[how].push(flat);
      alike.set(key, group);
    }
  }
  return [...alike.values()]
    .flatMap(({ alone, beside }) => [alone, ...alone.flatMap((one) => beside.map((other) => inOrder(one, other)))])
    .flatMap((injections) => certainlyAtOnce(injections, 1, timeline, []))
    .map(([flat, [other]]) => refusal(flat, other!, timeline));
}

const inOrder = (...both: FlatStep[]): FlatStep[] => both.toSorted((a, b) => a.index - b.index);

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
