import { formatDuration } from '../../model/duration.ts';
import type { Dependency, Plan, PlannedStep } from '../../model/plan.ts';
import { oneLine } from '../../text/clean.ts';
import { expectedTimes } from './expected.ts';

/**
 * The step graph as a Mermaid flowchart: groups are boxes, arrows are what a step waits for.
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function planMermaid(plan: Plan): string {
  const names = new Map(plan.steps.map(({ id }, index) => [id, `s${index}`]));
  const lines = [
    'flowchart TD',
    `  begin(["${escaped(plan.scenario.name)}"])`,
    ...boxes(plan.steps, names),
    ...plan.steps.flatMap((step) => arrows(step, names)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Steps in the order of the file; a group is closed when a step follows that is not deeper. */
function boxes(steps: PlannedStep[], names: ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  const open: number[] = [];
  const closeDownTo = (depth: number) => {
    while (open.length > 0 && open.at(-1)! >= depth) lines.push(`${indent(open.pop()!)}end`);
  };
  for (const step of steps) {
    closeDownTo(step.depth);
    const name = names.get(step.id)!;
    const { start, end } = expectedTimes(step);
    const label = `"${[step.id, step.title, `${start} to ${end}`].map(escaped).join('<br/>')}"`;
    if (isGroup(step)) {
      lines.push(`${indent(step.depth)}subgraph ${name}[${label}]`);
      open.push(step.depth);
    } else lines.push(`${indent(step.depth)}${name}${shape(step, label)}`);
  }
  closeDownTo(0);
  return lines;
}

function arrows(step: PlannedStep, names: ReadonlyMap<string, string>): string[] {
  const name = names.get(step.id)!;
  const delay = [
    step.delayMs > 0 ? `+${formatDuration(step.delayMs)}` : '',
    step.atMs === undefined ? '' : `at ${formatDuration(step.atMs)}`,
  ];
  const arrow = (from: string, event: Dependency['event'] | undefined) => {
    const label = [event === 'started' ? 'started' : '', ...delay].filter(Boolean).join(' ');
    return `  ${from} -->${label ? `|"${label}"|` : ''} ${name}`;
  };
  // That a member starts with its group is seen from the box: an arrow from a box into itself is no valid picture.
  const others = step.waitsFor.filter((on) => on.step !== step.parent);
  if (others.length > 0) return others.map((on) => arrow(names.get(on.step)!, on.event));
  return step.parent === undefined ? [arrow('begin', undefined)] : [];
}

const isGroup = ({ action }: PlannedStep): boolean => action.kind === 'parallel' || action.kind === 'sequence';

/** Harm has corners cut off, waiting is round. */
function shape({ action }: PlannedStep, label: string): string {
  if (action.kind === 'inject') return `{{${label}}}`;
  return action.kind === 'await' || action.kind === 'pause' ? `(${label})` : `[${label}]`;
}

/** Text inside a quoted label: what Mermaid, Markdown or HTML could read something into is written as an entity. */
const escaped = (text: string): string =>
  oneLine(text).replace(/["#&<>`*_\\;[\]{}|]/g, (character) => `#${character.charCodeAt(0)};`);

const indent = (depth: number): string => '  '.repeat(Math.min(depth, 20) + 1);
