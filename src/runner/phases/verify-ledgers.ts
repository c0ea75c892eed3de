import type { Outcome } from '../../model/event.ts';
import { brokenIn } from '../../model/ledger-result.ts';
import type { Context } from '../context.ts';

/** Ends the sampling and lets every ledger read back what it wrote. */
export async function verifyLedgers(context: Context): Promise<Outcome> {
  const { plan, emit } = context;
  const sampler = await context.sampler();
  await sampler.stopSampling();
  let outcome: Outcome = 'passed';
  for (const { id } of plan.probes.filter(({ kind }) => kind === 'ledger')) {
    try {
      const result = await sampler.verify(id);
      emit({ type: 'ledger-verified', probe: id, result });
      if (brokenIn(result) > 0) outcome = 'failed';
    } catch (error) {
      emit({ type: 'ledger-unreadable', probe: id, message: (error as Error).message });
      if (outcome === 'passed') outcome = 'unknown';
    }
  }
  return outcome;
}
