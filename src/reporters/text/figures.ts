import type { Bound } from '../../model/bound.ts';
import { formatDuration } from '../../model/duration.ts';

/** Writes a share 0..1 as a percentage with as many digits as it takes not to round it to all or nothing. */
export function formatShare(share: number): string {
  for (let digits = 2; digits < 8; digits += 1) {
    const text = (share * 100).toFixed(digits);
    const rounded = Number(text);
    if ((rounded !== 100 || share === 1) && (rounded !== 0 || share === 0)) return `${rounded}%`;
  }
  return share > 0.5 ? 'just under 100%' : 'just over 0%';
}

/** Writes a measured value in its bound's unit. */
export function formatMeasured(unit: Bound['unit'], value: number): string {
  switch (unit) {
    case 'share':
      return formatShare(value);
    case 'ms':
      return formatDuration(value);
    case 'number':
      return String(value);
  }
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `a, b, c and 4 more`; `total` when the list itself was cut. */
export function listSome(items: string[], most: number, total = items.length): string {
  const shown = items.slice(0, most).join(', ');
  return total > most ? `${shown} and ${total - Math.min(most, items.length)} more` : shown;
}
