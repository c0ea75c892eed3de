import type { Report } from '../../model/report.ts';
import { oneLine } from '../../text/clean.ts';
import { plural } from '../../text/plural.ts';
import { shorten } from '../../text/width.ts';

const mostColumns = 180;

/** Why the verdict is what it is, in a sentence: `Availability of orders >= 99%: 83%; and 2 more reasons.` */
export function whyInWords(report: Report): string {
  const [first, ...more] = report.reasons;
  if (first === undefined) return `${capitalized(whatHeld(report))}.`;
  const said = capitalized(shorten(oneLine(first), mostColumns));
  if (more.length > 0) return `${said}; and ${plural(more.length, 'more reason')}.`;
  return said.endsWith('…') ? said : `${said}.`;
}

/** Whether the sentence says all that there is to say. */
export const isWholeReason = ({ reasons }: Report): boolean =>
  reasons.length === 0 || (reasons.length === 1 && oneLine(reasons[0]!).length <= mostColumns);

/** `all 3 objectives were kept under 2 faults, and everything was undone`. */
function whatHeld({ objectives, summary }: Report): string {
  const under = summary.events === 0 ? '' : ` under ${plural(summary.events, 'fault')}`;
  const held =
    objectives.length === 0
      ? `every step came to its end${under}`
      : `${objectives.length === 1 ? 'the objective was' : `all ${objectives.length} objectives were`} kept${under}`;
  return summary.events === 0 ? held : `${held}, and everything was undone`;
}

export const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
