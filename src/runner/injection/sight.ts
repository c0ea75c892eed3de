import { setTimeout as delay } from 'node:timers/promises';
import { processState } from '../../host/processes.ts';
import type { CommandResult } from '../../model/command.ts';
import type { Sight } from '../../model/fault.ts';
import type { ProcessIdentity } from '../../model/operation.ts';
import type { Context } from '../context.ts';

const lookEveryMs = 5;

/** What an observer may look at: the processes that were met, the proxy's counters, what commands said. */
export function sightOf(
  id: string,
  target: string | undefined,
  met: { processes: ProcessIdentity[]; results: CommandResult[] },
  { links, clock }: Context,
): Sight {
  return {
    id,
    results: met.results,
    processes: async () => met.processes.map(processState),
    proxy: () => links.counters(target!, id),
    async until(withinMs, check) {
      const deadlineMs = clock.now() + withinMs;
      for (;;) {
        const value = await check();
        if (value !== undefined || clock.now() >= deadlineMs) return value;
        await delay(lookEveryMs);
      }
    },
  };
}
