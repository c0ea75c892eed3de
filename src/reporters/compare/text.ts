import { oneLine } from '../../text/clean.ts';
import { plural } from '../../text/plural.ts';
import { pad, widthOf, wrap } from '../../text/width.ts';
import type { Paint, Tone } from '../console/paint.ts';
import type { Change, Comparison, Figure } from './compare.ts';
import { valuesOf } from './values.ts';

const marks: Record<Change, string> = { better: '+', worse: '-', same: ' ', unclear: '~' };
const tones: Record<Change, Tone> = { better: 'good', worse: 'bad', same: 'quiet', unclear: 'plain' };

/** Two runs side by side, for a person. */
export function comparisonLines(comparison: Comparison, columns: number, paint: Paint): string[] {
  const { before, after, differences, figures, better, worse } = comparison;
  const rows = [heads, ...figures.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column]!))));
  const line = (cells: string[], mark = ' '): string =>
    `${mark}   ${cells.map((cell, index) => pad(cell, widths[index]!)).join('  ')}`.trimEnd();
  return [
    `before  ${oneLine(before.run)}  ${oneLine(before.scenario)}`,
    `after   ${oneLine(after.run)}  ${oneLine(after.scenario)}`,
    ...(differences.length === 0 ? [] : ['', paint('strong', 'Different, besides the system')]),
    ...differences.flatMap((one) => wrap(oneLine(one), columns - 2).map((part) => `  ${part}`)),
    '',
    paint('strong', line(heads)),
    ...figures.flatMap((figure, index) => [
      ...(figure.of === figures[index - 1]?.of ? [] : wrap(oneLine(figure.of), columns)),
      paint(tones[figure.change], line(cellsOf(figure), marks[figure.change])),
    ]),
    '',
    `${plural(worse, 'figure')} worse (-), ${better} better (+).  ~ differs: it may be chance, or cannot be judged`,
  ];
}

const heads = ['', 'before', 'after', 'of'];

const cellsOf = (figure: Figure): string[] => [figure.name, ...valuesOf(figure)].map((cell) => oneLine(cell));
