import { formatDuration } from '../../model/duration.ts';
import type { Plan, PlannedStep } from '../../model/plan.ts';
import { verifiedAs } from '../../model/workload.ts';
import { oneLine } from '../../text/clean.ts';
import { pad, widthOf, wrap } from '../../text/width.ts';
import { subject } from '../title.ts';
import { expectedTimes } from './expected.ts';
import { startsWhen } from './starts.ts';

/**
 * The phases of the run and the steps of the timeline as a table: what starts when and is over when. No line is longer
 * than `columns` (at least 60); what does not fit is continued on the next, nothing is cut.
 */
export function planTable(plan: Plan, columns: number): string {
  const width = Math.max(columns, 60);
  const rows = plan.steps.length > 0 ? [heads, ...plan.steps.map(stepRow)] : [];
  const widths = widthsOf(rows, width);
  return [
    before(plan).flatMap((phase) => phaseLines(phase, width)),
    rows.flatMap((row) => rowLines(row, widths)),
    behind(plan).flatMap((phase) => phaseLines(phase, width)),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join(''))
    .join('\n');
}

const heads = ['STEP', 'STARTS', 'FROM', 'UNTIL', 'WHAT'];
const gap = '  ';
/** The most that a column takes before its cells are wrapped; what is left is the last one's. They give way to it. */
const most = [20, 18, 13, 14];
const leastOfWhat = 20;

/** What a run does around its timeline. */
type Phase = [name: string, what: string];

function before({ targets, probes, baselineMs, checklist, safety }: Plan): Phase[] {
  const { environments } = safety;
  return [
    ...(environments.length > 0 ? [['where', `only in ${environments.join(', ')}`] as Phase] : []),
    ...(targets.length > 0 ? [['start', `targets: ${named(targets)}`] as Phase] : []),
    ...checklist.map(
      ({ id, title, by }): Phase => ['check', `${id}: ${title}${'person' in by ? ' (a person confirms it)' : ''}`],
    ),
    ...(probes.length > 0
      ? [['baseline', `${named(probes)}: good for ${formatDuration(baselineMs)}, else nothing is injected`] as Phase]
      : []),
  ];
}

function behind({ targets, probes, recoveryMs, recovered, steps }: Plan): Phase[] {
  const verified = probes.filter(({ kind }) => verifiedAs(kind)).map(({ id }) => id);
  const isHarmful = steps.some(({ action }) => action.kind === 'inject' && action.undo.length > 0);
  return [
    ...(probes.length > 0 || !('steadyState' in recovered)
      ? [['recovery', `${subject(recovered)} again within ${formatDuration(recoveryMs)}`] as Phase]
      : []),
    ...(verified.length > 0 ? [['verification', `read back: ${verified.join(', ')}`] as Phase] : []),
    ...(isHarmful ? [['undo', 'whatever is still in force, however the run ends'] as Phase] : []),
    ...(targets.length > 0 ? [['stop', `targets: ${named(targets.toReversed())}`] as Phase] : []),
  ];
}

const named = (things: { id: string }[]): string => things.map(({ id }) => id).join(', ');

function phaseLines([name, what]: Phase, columns: number): string[] {
  const label = pad(`[${name}]`, '[verification]'.length) + gap;
  const [first = '', ...more] = wrap(oneLine(what), columns - label.length);
  return [`${label}${first}\n`, ...more.map((line) => `${' '.repeat(label.length)}${line}\n`)];
}

function stepRow(step: PlannedStep): string[] {
  const { start, end } = expectedTimes(step);
  const what = step.description === undefined ? step.title : `${step.title}: ${step.description}`;
  const indent = '  '.repeat(Math.min(step.depth, 4));
  return [indent + oneLine(step.id), oneLine(startsWhen(step)), start, end, oneLine(what)];
}

function widthsOf(rows: string[][], columns: number): number[] {
  const widths = most.map((limit, column) => Math.min(limit, widest(rows, column)));
  const left = () => columns - widths.reduce((total, width) => total + width + gap.length, 0);
  while (left() < leastOfWhat) widths[widths.indexOf(Math.max(...widths))]! -= 1;
  return [...widths, left()];
}

function widest(rows: string[][], column: number): number {
  let width = 0;
  for (const row of rows) width = Math.max(width, widthOf(row[column]!));
  return width;
}

function rowLines(row: string[], widths: number[]): string[] {
  const cells = row.map((cell, column) => wrapIndented(cell, widths[column]!));
  const height = Math.max(...cells.map((parts) => parts.length));
  return Array.from({ length: height }, (_, line) => {
    const text = cells.map((parts, column) => pad(parts[line] ?? '', widths[column]!)).join(gap);
    return `${text.trimEnd()}\n`;
  });
}

function wrapIndented(cell: string, width: number): string[] {
  const indent = /^ */.exec(cell)![0];
  return wrap(cell.trimStart(), Math.max(width - indent.length, 4)).map((part) => indent + part);
}
