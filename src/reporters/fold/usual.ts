import { keeps, parseBound } from '../../model/bound.ts';
import type { Summary, UsualTarget } from '../../model/report.ts';
import { formatMeasured } from '../text/figures.ts';

/** What people usually promise of a system; of one that never failed the first and the third are met. */
const targets: { title: string; asked: string; of(summary: Summary): number | null }[] = [
  {
    title: 'mean time to recover',
    asked: '< 5m',
    of: (summary) => unlessNeverFailed(summary, summary.meanTimeToRecoverMs, 0),
  },
  { title: 'availability', asked: '> 99.9%', of: ({ availability }) => availability },
  { title: 'error rate', asked: '< 0.1%', of: ({ errorRate }) => errorRate },
  { title: 'recovery rate', asked: '> 95%', of: (summary) => unlessNeverFailed(summary, summary.recoveryRate, 1) },
  { title: 'consistency', asked: '100%', of: ({ consistency }) => consistency },
];

/** How a run stands by what people usually promise. What it did not measure is left out. */
export function usualTargets(summary: Summary): UsualTarget[] {
  return targets.flatMap(({ title, asked, of }) => {
    const measured = of(summary);
    if (measured === null) return [];
    const bound = parseBound(asked)!;
    return [{ title, asked, measuredText: formatMeasured(bound, measured), isMet: keeps(bound, measured) }];
  });
}

/** Without a sample nobody knows that nothing failed. */
const unlessNeverFailed = ({ failuresDetected, availability }: Summary, figure: number | null, perfect: number) =>
  failuresDetected === 0 ? (availability === null ? null : perfect) : figure;
