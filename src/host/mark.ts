/**
 * Every process that a run starts carries `CHAOS_RUN=<run>` in its environment. It survives forks, new sessions and
 * double forks, so that what left its process group can still be found and ended.
 */
export const markName = 'CHAOS_RUN';
/** What belongs to one injection of a run carries this, too. */
export const stepMarkName = 'CHAOS_STEP';

export const marked = (run: string, step?: string): Record<string, string> => ({
  [markName]: run,
  ...(step === undefined ? {} : { [stepMarkName]: stepMark(run, step) }),
});

export const stepMark = (run: string, step: string): string => `${run}/${step}`;
