import { formatDuration } from '../../model/duration.ts';

/** A moment of the timeline, as an offset from its start: `0s`, `1m30s`. */
export const formatMoment = (ms: number): string => (ms === 0 ? '0s' : formatDuration(ms));
