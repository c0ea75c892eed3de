import { parseDuration } from './duration.ts';

export type Comparator = '>=' | '>' | '<=' | '<' | '==';

/**
 * A comparator and a value: `>= 99.9%`, `< 30s`, `<= 100`, `<= 1.5x baseline`.
 * `value` is a share 0..1 for percentages, milliseconds for durations, the factor for what is
 * held against the baseline, the number itself otherwise.
 */
export interface Bound {
  text: string;
  comparator: Comparator;
  value: number;
  unit: 'share' | 'ms' | 'baseline' | 'number';
}

const shape = /^\s*(>=|<=|==|>|<)?\s*(\S.*?)\s*$/;

/** @returns the bound (a value without a comparator means `==`), or `undefined` when the text is none */
export function parseBound(text: string): Bound | undefined {
  const match = shape.exec(text);
  if (!match) return undefined;
  const comparator = (match[1] ?? '==') as Comparator;
  const value = match[2]!;
  const percent = /^([0-9]+(?:\.[0-9]+)?)\s*%$/.exec(value);
  if (percent) return { text, comparator, value: Number(`${percent[1]}e-2`), unit: 'share' };
  const factor = /^([0-9]+(?:\.[0-9]+)?)\s*x\s+baseline$/.exec(value);
  if (factor) return { text, comparator, value: Number(factor[1]), unit: 'baseline' };
  const duration = parseDuration(value);
  if (duration !== undefined) return { text, comparator, value: duration, unit: 'ms' };
  if (/^-?[0-9]+(?:\.[0-9]+)?$/.test(value)) return { text, comparator, value: Number(value), unit: 'number' };
  return undefined;
}

/** Whether `measured`, in the bound's own unit, keeps it. */
export function keeps(bound: Bound, measured: number): boolean {
  switch (bound.comparator) {
    case '>=':
      return measured >= bound.value;
    case '>':
      return measured > bound.value;
    case '<=':
      return measured <= bound.value;
    case '<':
      return measured < bound.value;
    case '==':
      return measured === bound.value;
  }
}
