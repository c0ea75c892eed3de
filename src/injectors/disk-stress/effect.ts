import type { Effect, StressUsage } from '../../model/fault.ts';
import { formatSize } from '../../model/size.ts';

/** How much was written, and how much of it went towards a disk, by the kernel's account. */
export function diskEffect([usage]: StressUsage[]): Effect {
  if (!usage)
    return { seen: 'unseen', summary: 'it ended before its time', figures: { writtenBytes: 0, storedBytes: 0 } };
  const { writtenBytes, storedBytes, overMs } = usage;
  const bytesPerSecond = writtenBytes / (overMs / 1000);
  const towards = storedBytes > 0 ? `${formatSize(storedBytes)} of it towards a disk` : 'none of it towards a disk';
  return {
    seen: writtenBytes > 0 ? 'seen' : 'unseen',
    summary: `${formatSize(writtenBytes)} written, ${formatSize(Math.round(bytesPerSecond))}/s, ${towards}`,
    figures: { writtenBytes, storedBytes, bytesPerSecond },
  };
}
