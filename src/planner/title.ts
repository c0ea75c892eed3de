import { faultNamed } from '../injectors/registry.ts';
import { formatDuration } from '../model/duration.ts';
import type { PlannedAction } from '../model/plan.ts';
import type { Condition, InjectStep, Step } from '../model/scenario.ts';
import { drawnInWords } from './draw.ts';
import { asTyped } from './show/argv.ts';

/** What a step does, in one line for a person: `database-slow on database-link for 5s`. */
export function titleOf(step: Step, action: PlannedAction): string {
  switch (step.kind) {
    case 'inject':
      return [step.fault, step.target === undefined ? '' : `on ${step.target}`, holdOf(action), drawnOf(step, action)]
        .filter(Boolean)
        .join(' ');
    case 'await':
      return `await ${subject(step.condition)} within ${formatDuration(step.within)}`;
    case 'assert':
      return `assert ${subject(step.condition)}${step.for === undefined ? '' : ` for ${formatDuration(step.for)}`}`;
    case 'run':
      return `run ${asTyped(step.command.argv)}`;
    case 'pause':
      return `pause for ${formatDuration(step.for)}`;
    case 'approve':
      return `a person approves: ${step.question}`;
    case 'parallel':
      return step.steps.length === 1 ? '1 step' : `${step.steps.length} steps side by side`;
    case 'sequence':
      return step.steps.length === 1 ? '1 step' : `${step.steps.length} steps one after another`;
  }
}

/** What has to hold, in words. */
export function subject(condition: Condition): string {
  if ('all' in condition) return condition.all.map(subject).join(' and ');
  if ('steadyState' in condition) return 'steady state';
  if ('probe' in condition) return condition.probe;
  return `${condition.own.kind} probe`;
}

/** What chance decided has to be seen before the run. */
function drawnOf(step: InjectStep, action: PlannedAction): string {
  const fault = faultNamed(step.fault);
  const words = fault && action.kind === 'inject' ? drawnInWords(fault, step.with, action.with) : [];
  return words.length > 0 ? `(drawn: ${words.join(', ')})` : '';
}

function holdOf(action: PlannedAction): string {
  if (action.kind !== 'inject' || action.hold === 'instant') return '';
  if ('for' in action.hold) return `for ${formatDuration(action.hold.for)}`;
  return `until ${action.hold.until === 'timeline' ? 'the timeline' : `"${action.hold.until}"`} ends`;
}
