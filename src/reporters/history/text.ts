import { formatDuration } from '../../model/duration.ts';
import { oneLine } from '../../text/clean.ts';
import { plural } from '../../text/plural.ts';
import { pad, shorten, widthOf } from '../../text/width.ts';
import { type Paint, toneOfVerdict } from '../console/paint.ts';
import { code, table, text } from '../markdown/text.ts';
import { formatShare } from '../text/figures.ts';
import type { History, PastRun } from './history.ts';

const heads = ['run', 'verdict', 'available', 'outages', 'recovers in', 'took'];

/** Runs for a person, the latest last; each scenario has its own table. */
export function historyLines({ runs, verdicts }: History, columns: number, paint: Paint): string[] {
  const rows = [heads, ...runs.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column]!))));
  const line = (cells: string[]): string =>
    shorten(
      cells
        .map((cell, column) => pad(cell, widths[column]!))
        .join('  ')
        .trimEnd(),
      columns - 2,
    );
  return [
    ...byScenario(runs).flatMap(([scenario, its]) => [
      paint('strong', shorten(oneLine(scenario), columns)),
      paint('quiet', `  ${line(heads)}`),
      ...its.map((run) => paint(toneOfVerdict[run.verdict], `  ${line(cellsOf(run))}`)),
      '',
    ]),
    `${plural(runs.length, 'run')}: ${verdictsInWords(verdicts)}`,
  ];
}

/** The same for a page of Markdown. */
export function historyAsMarkdown({ runs, verdicts }: History): string {
  const lines = byScenario(runs).flatMap(([scenario, its]) => [
    `## ${text(scenario)}`,
    '',
    ...table(
      heads.map((head) => head[0]!.toUpperCase() + head.slice(1)),
      its.map((run) => {
        const [id, ...others] = cellsOf(run);
        return [code(id!), ...others.map((cell) => text(cell))];
      }),
    ),
    '',
  ]);
  return `${[...lines, `${plural(runs.length, 'run')}: ${verdictsInWords(verdicts)}`].join('\n')}\n`;
}

function byScenario(runs: PastRun[]): [string, PastRun[]][] {
  const groups = new Map<string, PastRun[]>();
  for (const run of runs) groups.set(run.scenario, [...(groups.get(run.scenario) ?? []), run]);
  return [...groups];
}

function cellsOf(run: PastRun): string[] {
  return [
    oneLine(run.run),
    run.isSham ? `${run.verdict}, sham` : run.verdict,
    run.availability === null ? '-' : formatShare(run.availability),
    String(run.outages),
    run.meanTimeToRecoverMs === null ? '-' : formatDuration(run.meanTimeToRecoverMs),
    formatDuration(run.durationMs),
  ];
}

const verdictsInWords = (verdicts: History['verdicts']): string =>
  Object.entries(verdicts)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ');
