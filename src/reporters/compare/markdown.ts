import { plural } from '../../text/plural.ts';
import { code, folded, section, table, text } from '../markdown/text.ts';
import type { Change, Comparison, Figure } from './compare.ts';
import { valuesOf } from './values.ts';

/** Two runs side by side, for a pull request: what changed in sight, the rest folded away. */
export function comparisonAsMarkdown(comparison: Comparison): string {
  const { before, after, differences, figures, better, worse } = comparison;
  const [changed, others] = [
    ['better', 'worse'],
    ['unclear', 'same'],
  ].map((changes) => figures.filter(({ change }) => changes.includes(change))) as [Figure[], Figure[]];
  const lines = [
    `## ${worse > 0 ? '❌' : '✅'} ${plural(worse, 'figure')} worse, ${better} better: ${text(after.scenario)}`,
    '',
    `Run ${code(after.run)} (${after.verdict}) beside ${code(before.run)} (${before.verdict}).`,
    ...section(
      'Different, besides the system',
      differences.map((one) => `- ${text(one)}`),
    ),
    ...section('What changed', rows(changed)),
    ...folded('What is the same, or may be chance', rows(others)),
  ];
  return `${lines.join('\n')}\n`;
}

const signs: Record<Change, string> = { better: '✅', worse: '❌', same: '', unclear: '~' };

const rows = (figures: Figure[]): string[] =>
  table(
    ['', 'Figure', 'Before', 'After', 'Of'],
    figures.map((figure) => [
      signs[figure.change],
      `**${text(figure.of)}** ${text(figure.name)}`,
      ...valuesOf(figure).map((value) => text(value)),
    ]),
  );
