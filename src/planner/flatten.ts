import { faultNamed } from '../injectors/registry.ts';
import type { GroupStep, InjectStep, Scenario, Step } from '../model/scenario.ts';

/** A step among all others: where it stands in the tree, and whether its end is its own. */
export interface FlatStep<S extends Step = Step> {
  step: S;
  /** Its position in the order of the file; a group stands before its members. */
  index: number;
  /** The index of its last descendant; its own when it has none. */
  last: number;
  /** 0 for a step of the timeline itself. */
  depth: number;
  parent: FlatStep<GroupStep> | undefined;
  /** The sibling before it, whatever kind of group they are in. */
  elder: FlatStep | undefined;
  /** An injection that is held until its group, or the timeline, ends. */
  isOpenEnded: boolean;
}

/** The tree of steps as a list in the order of the file. Takes any depth: it does not recurse. */
export function flatten(timeline: Scenario['timeline']): FlatStep[] {
  const flat: FlatStep[] = [];
  const waiting: Visit[] = [{ siblings: timeline, next: 0, parent: undefined, elder: undefined }];
  for (let visit = waiting.at(-1); visit; visit = waiting.at(-1)) {
    const step = visit.siblings[visit.next];
    if (!step) {
      if (visit.parent) visit.parent.last = flat.length - 1;
      waiting.pop();
      continue;
    }
    const { parent, elder } = visit;
    const index = flat.length;
    const one: FlatStep = { step, index, last: index, depth: waiting.length - 1, parent, elder, isOpenEnded: false };
    one.isOpenEnded = step.kind === 'inject' && step.for === undefined && isHeld(step);
    flat.push(one);
    visit.next += 1;
    visit.elder = one;
    if (isGroup(one)) waiting.push({ siblings: one.step.steps, next: 0, parent: one, elder: undefined });
  }
  return flat;
}

export const isGroup = (flat: FlatStep): flat is FlatStep<GroupStep> =>
  flat.step.kind === 'parallel' || flat.step.kind === 'sequence';

export const isInjection = (flat: FlatStep): flat is FlatStep<InjectStep> => flat.step.kind === 'inject';

/** Whether `flat` is a member of `group`, or of a group inside it. */
export const isWithin = (flat: FlatStep, group: FlatStep): boolean =>
  flat.index > group.index && flat.index <= group.last;

interface Visit {
  siblings: Step[];
  next: number;
  parent: FlatStep<GroupStep> | undefined;
  elder: FlatStep | undefined;
}

const isHeld = (step: InjectStep): boolean => faultNamed(step.fault)?.held === true;
