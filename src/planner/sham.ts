import type { Plan } from '../model/plan.ts';

/** The same plan with every fault left out: what it measures is how the system is without them. */
export const shamOf = (plan: Plan): Plan => ({
  ...plan,
  isSham: true,
  control: false,
  steps: plan.steps.map((step) =>
    step.action.kind === 'inject'
      ? { ...step, title: `(left out) ${step.title}`, action: { ...step.action, inject: [], undo: [] } }
      : step,
  ),
});
