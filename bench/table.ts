import type { Finding } from './finding.ts';

/** Findings as a table, one line each. */
export function render(findings: Finding[]): string {
  const rows = [
    ['what', 'measured', 'goal', 'against'],
    ...findings.map(({ what, measured, goal = '', against }) => [what, measured, goal, against]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
