import type { Outcome } from '../../model/event.ts';
import { brokenIn } from '../../model/ledger-result.ts';
import { verifiedAs } from '../../model/workload.ts';
import type { Context } from '../context.ts';

/** Ends the sampling, and lets every ledger read back what it wrote and every other workload say what it found. */
export async function verifyLedgers(context: Context): Promise<Outcome> {
  const { plan, emit } = context;
  const sampler = await context.sampler();
  await sampler.stopSampling();
  let outcome: Outcome = 'passed';
  for (const { id, kind } of plan.probes) {
    const as = verifiedAs(kind);
    if (!as) continue;
    try {
      if (as === 'ledger') {
        const result = await sampler.verify(id);
        emit({ type: 'ledger-verified', probe: id, result });
        if (brokenIn(result) > 0) outcome = 'failed';
      } else {
        const result = await sampler.check(id);
        emit({ type: 'workload-verified', probe: id, result });
        if (result.violationCount > 0) outcome = 'failed';
      }
    } catch (error) {
      emit({ type: `${as}-unreadable`, probe: id, message: (error as Error).message });
      if (outcome === 'passed') outcome = 'unknown';
    }
  }
  return outcome;
}
