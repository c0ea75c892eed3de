import type { Effect, FileLimit, Sight } from '../../model/fault.ts';
import { inWords } from '../in-words.ts';

/** Right after the limit was set. */
export async function limitBegun(sight: Sight): Promise<Effect> {
  const limits = await sight.fileLimits();
  if (limits.length === 0) return effect('unseen', 'there was no process to limit', limits);
  const free = limits.filter((one) => one.now !== one.asked);
  if (free.length > 0) return effect('unseen', `${inWords(free)} not limited`, limits);
  return effect('seen', inFigures(limits), limits);
}

/** Right before it is lifted. */
export async function limitHeld(sight: Sight): Promise<Effect> {
  const limits = await sight.fileLimits();
  if (limits.length === 0) return effect('unseen', 'no process was there to the end', limits);
  const free = limits.filter((one) => one.now !== one.asked);
  if (free.length > 0) return effect('unseen', `${inWords(free)} not limited to the end`, limits);
  const reached = limits.filter((one) => one.open >= one.asked);
  return effect('seen', `${inFigures(limits)}${reached.length > 0 ? ', which was reached' : ''}`, limits);
}

export async function limitEnded(sight: Sight): Promise<string | undefined> {
  const left = (await sight.fileLimits()).filter((one) => one.now !== one.before);
  return left.length > 0 ? `${inWords(left)} still limited` : undefined;
}

const inFigures = (limits: FileLimit[]): string => {
  const [lowest] = limits.toSorted((a, b) => a.asked - b.asked);
  return `${inWords(limits)} may have ${lowest!.asked} files open (before: ${lowest!.before}), and has ${lowest!.open}`;
};

const effect = (seen: Effect['seen'], summary: string, limits: FileLimit[]): Effect => ({
  seen,
  summary,
  figures: {
    processes: limits.length,
    limits: limits.map(({ pid, asked, before, open }) => ({ pid, asked, before, open })),
  },
});
