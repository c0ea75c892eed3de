import { faultNamed } from '../injectors/registry.ts';
import type { PlannedAction } from '../model/plan.ts';
import type { Target } from '../model/scenario.ts';

/** The target with what the faults that are meant for it need from its start on. */
export function launched(target: Target, actions: PlannedAction[]): Target {
  if (target.kind !== 'process') return target;
  const wanted = actions.flatMap((action) => {
    if (action.kind !== 'inject' || action.target !== target.id) return [];
    return faultNamed(action.fault)?.launch?.(action.with as never) ?? [];
  });
  return wanted.length === 0 ? target : { ...target, launch: Object.assign({}, ...wanted) };
}
