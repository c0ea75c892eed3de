import type { Bound } from '../../model/bound.ts';
import { formatDuration } from '../../model/duration.ts';

/** Writes a share 0..1 as a percentage, with as many digits as it takes not to look like one of `others` when it is not. */
export function formatShare(share: number, others: number[] = [0, 1]): string {
  const looksLikeAnother = (text: string): boolean =>
    others.some((other) => other !== share && Number(`${text}e-2`) === other);
  for (let digits = 2; digits < 10; digits += 1) {
    const text = (share * 100).toFixed(digits);
    if (!looksLikeAnother(text)) return `${Number(text)}%`;
  }
  return `${share * 100}%`;
}

/** Writes a measured value in its bound's unit; one that misses the bound by a hair does not look as if it were it. */
export function formatMeasured(bound: Bound, value: number): string {
  switch (bound.unit) {
    case 'share':
      return formatShare(value, [0, 1, bound.value]);
    case 'ms': {
      const text = formatDuration(value);
      return value !== bound.value && text === formatDuration(bound.value) ? `${value}ms` : text;
    }
    case 'baseline':
    case 'number':
      return String(value);
  }
}

/** `a, b, c and 4 more`; `total` when the list itself was cut. */
export function listSome(items: string[], most: number, total = items.length): string {
  const shown = items.slice(0, most).join(', ');
  return total > most ? `${shown} and ${total - Math.min(most, items.length)} more` : shown;
}
