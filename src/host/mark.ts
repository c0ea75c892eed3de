/**
 * Every process that a run starts carries `CHAOS_RUN=<run>` in its environment. It survives forks, new sessions and
 * double forks, so that what left its process group can still be found and ended.
 */
export const markName = 'CHAOS_RUN';

export const marked = (run: string): Record<string, string> => ({ [markName]: run });
