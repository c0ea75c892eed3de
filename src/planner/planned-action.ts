import { faultNamed } from '../injectors/registry.ts';
import type { Fault } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import type { Need } from '../model/need.ts';
import type { PlannedAction, PlannedInjection } from '../model/plan.ts';
import type { InjectStep, Step, Target } from '../model/scenario.ts';
import { draw } from './draw.ts';

/** What a plan depends on beside its scenario. */
export interface Machine {
  seed: number;
  /** Whether the machine has what a mechanism needs. */
  isHere(need: Need): boolean;
}

/** What a step will do: its own words, and for an injection also the actions that do and undo it. */
export function plannedAction(
  step: Step,
  group: string | undefined,
  targets: ReadonlyMap<string, Target>,
  { seed, isHere }: Machine,
): PlannedAction {
  switch (step.kind) {
    case 'inject':
      return plannedInjection(step, group, targets, { seed, isHere });
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
  { seed, isHere }: Machine,
): PlannedInjection {
  const fault = faultNamed(step.fault);
  if (!fault) throw new Error(`step "${step.id}" injects "${step.fault}", which the parser let pass`);
  const target = step.target === undefined ? undefined : targets.get(step.target);
  const drawn = draw(fault, step.with, seed, step.id);
  const via = wayOf(fault, target, drawn, isHere);
  const parameters = via === undefined ? drawn : { ...drawn, via };
  const alone = fault.alone?.(target?.kind, parameters as never);
  const beside = fault.beside?.(target?.kind, parameters as never);
  return {
    kind: 'inject',
    fault: step.fault,
    ...(step.target === undefined ? {} : { target: step.target }),
    with: parameters,
    hold: fault.held ? holdOf(step, group) : 'instant',
    mechanism: fault.mechanism(target?.kind, via),
    ...(alone === undefined ? {} : { alone }),
    ...(beside === undefined ? {} : { beside }),
    // The parser has decoded `with` by this very descriptor.
    ...fault.inject(parameters as never, { id: step.id, seed: `${seed}/${step.id}`, target }),
  };
}

/** The one that was pinned; else the first that fits and needs nothing that is missing; else the first that fits. */
function wayOf(
  fault: Fault,
  target: Target | undefined,
  parameters: JsonObject,
  isHere: Machine['isHere'],
): string | undefined {
  const ways = fault.ways?.(target?.kind);
  if (!ways || typeof parameters.via === 'string') return parameters.via as string | undefined;
  const fits = (via: string) => !target || fault.refuses?.(target, { ...parameters, via } as never) === undefined;
  const fitting = ways.filter(fits);
  return fitting.find((via) => (fault.needs?.(target?.kind, via) ?? []).every(isHere)) ?? fitting[0] ?? ways[0];
}

const holdOf = (step: InjectStep, group: string | undefined): PlannedInjection['hold'] =>
  step.for === undefined ? { until: group ?? 'timeline' } : { for: step.for };
