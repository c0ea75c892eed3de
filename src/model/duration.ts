/** A length of time in milliseconds. Made by {@link seconds}, {@link milliseconds} or {@link parseDuration}; a bare number is never a duration. */
export type Duration = number & { readonly unit: 'ms' };

/** What a duration looks like; the pattern stands in the schema, so that editors and we agree. */
export const durationPattern =
  '^(?=[0-9])(?:[0-9]+(?:\\.[0-9]+)?h)?(?:[0-9]+(?:\\.[0-9]+)?m)?(?:[0-9]+(?:\\.[0-9]+)?s)?(?:[0-9]+(?:\\.[0-9]+)?ms)?$';

const parts = /([0-9]+(?:\.[0-9]+)?)(ms|h|m|s)/g;
const millisecondsIn = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/**
 * Reads `250ms`, `5s`, `2m`, `1h30m`.
 * @returns milliseconds, or `undefined` when the text is not a duration
 */
export function parseDuration(text: string): Duration | undefined {
  if (text === '' || !new RegExp(durationPattern).test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(parts))
    total += Number(amount) * millisecondsIn[unit as keyof typeof millisecondsIn];
  return Number.isFinite(total) ? (total as Duration) : undefined;
}

/** Writes a duration as a person would: `250ms`, `5s`, `1.5s`, `2m`, `1h30m`. */
export function formatDuration(duration: number): string {
  if (duration < 0) return `-${formatDuration(-duration)}`;
  if (duration < 1000) return `${trim(duration, duration < 10 ? 2 : 0)}ms`;
  if (duration < 60_000) return `${trim(duration / 1000, 2)}s`;
  const whole = Math.round(duration / 1000);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  return `${hours ? `${hours}h` : ''}${minutes ? `${minutes}m` : ''}${rest ? `${rest}s` : ''}`;
}

/** As long as a timer of Node can wait: one that is asked to wait longer rings at once. */
export const timerMs = (duration: number): number => Math.min(duration, 2 ** 31 - 1);

export const milliseconds = (amount: number): Duration => amount as Duration;
export const minutes = (amount: number): Duration => (amount * 60_000) as Duration;
export const seconds = (amount: number): Duration => (amount * 1000) as Duration;

const trim = (value: number, digits: number): string => String(Number(value.toFixed(digits)));
