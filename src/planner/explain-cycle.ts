import type { Diagnostic } from '../model/diagnostic.ts';
import { type Place, type Places, placeOf } from '../model/place.ts';
import type { FlatStep } from './flatten.ts';
import { isGroup } from './flatten.ts';
import { begins, ended, stepOf } from './graph/event-graph.ts';

/**
 * Says why steps wait for each other in a circle: the path in the message, one reason for each at its place.
 * @param cycle moments, each of which waits for the next, the last for the first
 */
export function explainCycle(cycle: number[], steps: FlatStep[], places: Places): Diagnostic {
  const reasons: { flat: FlatStep; message: string; place: Place }[] = [];
  for (const [position, node] of cycle.entries()) {
    const flat = steps[stepOf(node)];
    const next = cycle.slice(position + 1).concat(cycle);
    const message = flat && whyItWaits(flat, node, next, steps);
    if (message) reasons.push({ flat, message, place: placeOfStart(flat, places) });
  }
  const path = reasons.map(({ flat }) => flat.step.id).filter((id, position, ids) => id !== ids[position - 1]);
  const [first, ...others] = reasons;
  return {
    severity: 'error',
    code: 'cycle',
    message: `steps wait for each other in a circle: ${[...path, path[0]].join(' -> ')}`,
    hint: first!.message,
    file: places.file,
    place: first!.place,
    ...(others.length > 0 ? { related: others.map(({ message, place }) => ({ message, place })) } : {}),
  };
}

/** Where the author said when a step starts. */
const placeOfStart = ({ step }: FlatStep, places: Places): Place =>
  placeOf(places, step.start.rule === 'after' ? `${step.path}/after` : step.path);

/** @returns `undefined` between two moments of the same step, which needs no reason */
function whyItWaits(flat: FlatStep, node: number, next: number[], steps: FlatStep[]): string | undefined {
  const { id, start } = flat.step;
  const on = steps[stepOf(next[0]!)];
  if (node === begins(flat.index)) {
    if (!on) return undefined;
    if (start.rule === 'after' && start.steps.some(({ step }) => step === on.step.id))
      return `"${id}" waits until "${on.step.id}" has ${next[0] === ended(on.index) ? 'ended' : 'started'}`;
    return on === flat.parent ? `"${id}" is a step of "${on.step.id}"` : `"${id}" comes after "${on.step.id}"`;
  }
  if (flat.isOpenEnded && node === ended(flat.index)) {
    const held = `"${id}" has no "for": it is held until`;
    if (flat.parent) return `${held} the group "${flat.parent.step.id}" ends`;
    // The timeline is no step that could say for itself what it waits for.
    const last = steps[stepOf(next.find((one) => stepOf(one) < steps.length)!)]!;
    return `${held} the timeline ends, and that is after "${last.step.id}"`;
  }
  if (!isGroup(flat) || on === flat || !on) return undefined;
  return `the group "${id}" ends when all its steps have, "${on.step.id}" among them`;
}
