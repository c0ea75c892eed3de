import { formatDuration } from '../../model/duration.ts';
import { formatShare } from '../text/figures.ts';
import type { Figure } from './compare.ts';

/** A figure as people read it: before, after, and out of how many; text that others wrote among it is as it was. */
export function valuesOf({ unit, before, after, counts }: Figure): [before: string, after: string, of: string] {
  const value = (one: number | string | null): string => (one === null ? '-' : written(one, unit));
  return [value(before), value(after), counts ? `${counts.before}, ${counts.after}` : ''];
}

function written(value: number | string, unit: Figure['unit']): string {
  if (typeof value === 'string') return value;
  if (unit === 'share') return formatShare(value);
  return unit === 'ms' ? formatDuration(value) : String(value);
}
