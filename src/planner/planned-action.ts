import { faultNamed } from '../injectors/registry.ts';
import type { PlannedAction, PlannedInjection } from '../model/plan.ts';
import type { InjectStep, Step, Target } from '../model/scenario.ts';
import { draw } from './draw.ts';

/** What a step will do: its own words, and for an injection also the actions that do and undo it. */
export function plannedAction(
  step: Step,
  group: string | undefined,
  targets: ReadonlyMap<string, Target>,
  seed: number,
): PlannedAction {
  switch (step.kind) {
    case 'inject':
      return plannedInjection(step, group, targets, seed);
    case 'await':
      return { kind: step.kind, condition: step.condition, within: step.within };
    case 'assert': {
      const { kind, condition, within } = step;
      return { kind, condition, within, ...(step.for === undefined ? {} : { for: step.for }) };
    }
    case 'run':
      return { kind: step.kind, command: step.command, expect: step.expect };
    case 'pause':
      return { kind: step.kind, for: step.for };
    case 'approve':
      return { kind: step.kind, question: step.question, within: step.within };
    case 'parallel':
    case 'sequence':
      return { kind: step.kind };
  }
}

function plannedInjection(
  step: InjectStep,
  group: string | undefined,
  targets: ReadonlyMap<string, Target>,
  seed: number,
): PlannedInjection {
  const fault = faultNamed(step.fault);
  if (!fault) throw new Error(`step "${step.id}" injects "${step.fault}", which the parser let pass`);
  const parameters = draw(fault, step.with, seed, step.id);
  const target = step.target === undefined ? undefined : targets.get(step.target);
  const alone = fault.alone?.(target?.kind, parameters as never);
  const beside = fault.beside?.(target?.kind, parameters as never);
  return {
    kind: 'inject',
    fault: step.fault,
    ...(step.target === undefined ? {} : { target: step.target }),
    with: parameters,
    hold: fault.held ? holdOf(step, group) : 'instant',
    mechanism: fault.mechanism(target?.kind),
    ...(alone === undefined ? {} : { alone }),
    ...(beside === undefined ? {} : { beside }),
    // The parser has decoded `with` by this very descriptor.
    ...fault.inject(parameters as never, { id: step.id, target }),
  };
}

const holdOf = (step: InjectStep, group: string | undefined): PlannedInjection['hold'] =>
  step.for === undefined ? { until: group ?? 'timeline' } : { for: step.for };
