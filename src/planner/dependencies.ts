import type { Dependency, PlannedStep } from '../model/plan.ts';
import type { StepEventName } from '../model/scenario.ts';
import { type FlatStep, isWithin } from './flatten.ts';

/** What a step waits for before it may start. */
export type Start = Pick<PlannedStep, 'waitsFor' | 'delayMs' | 'atMs'>;

/**
 * Turns a start rule into what has to happen first: only what is needed, so that neither plan nor picture is crowded.
 * That a member starts after its group is said once: by what it waits for, where that lies in the group itself.
 */
export function startOf(flat: FlatStep, byId: ReadonlyMap<string, FlatStep>): Start {
  const { start } = flat.step;
  switch (start.rule) {
    case 'previous':
      return { waitsFor: followsElder(flat) ? [endOf(flat.elder!)] : groupStarted(flat), delayMs: 0 };
    case 'at':
      return { waitsFor: groupStarted(flat), delayMs: 0, atMs: start.offset };
    case 'after': {
      const waitsFor = new Map<string, Dependency>();
      for (const { step, event } of start.steps) {
        const on = byId.get(step);
        if (!on) throw new Error(`step "${flat.step.id}" waits for "${step}", which the parser let pass`);
        const dependency = event === 'default' ? endOf(on) : { step, event };
        waitsFor.set(`${dependency.event} ${step}`, dependency);
      }
      const isInGroup = !flat.parent || start.steps.some(({ step }) => isWithin(byId.get(step)!, flat.parent!));
      return { waitsFor: [...(isInGroup ? [] : groupStarted(flat)), ...waitsFor.values()], delayMs: start.delay };
    }
  }
}

/** Whether a step runs after its elder sibling by its place in the file alone. */
export const followsElder = (flat: FlatStep): boolean =>
  flat.step.start.rule === 'previous' && flat.elder !== undefined && flat.parent?.step.kind !== 'parallel';

/** What "after" means of a step: its end, or, where that comes only with the end of its group, that it is in force. */
const endOf = ({ step, isOpenEnded }: FlatStep): Dependency => ({
  step: step.id,
  event: (isOpenEnded ? 'started' : 'ended') satisfies StepEventName,
});

const groupStarted = ({ parent }: FlatStep): Dependency[] =>
  parent ? [{ step: parent.step.id, event: 'started' }] : [];
