import type { Plan, PlannedStep } from '../../model/plan.ts';
import type { Protection } from '../../model/scenario.ts';
import { filledUp } from './disks.ts';
import { cutOff } from './packets.ts';

/** Something of this machine, or of the run itself, that an injection would cut off or fill up. */
export interface Lockout {
  /** One line for a person. */
  message: string;
  /** Its name in `safety.allow`. */
  protection: Protection;
}

/**
 * Why a step would lock somebody out: us of what we have to reach, or people of the machine. What its author has allowed
 * is left out.
 */
export async function lockoutsOf({ action }: Pick<PlannedStep, 'action'>, plan: Plan): Promise<Lockout[]> {
  if (action.kind !== 'inject') return [];
  const found = await Promise.all(action.inject.map(async (one) => [...(await cutOff(one, plan)), ...filledUp(one)]));
  return found.flat().filter(({ protection }) => !plan.safety.allow.includes(protection));
}

export const allowing = ({ protection }: Lockout): string => `safety: { allow: [${protection}] } allows it`;
