import type { Namespace } from '../../model/operation.ts';
import type { HostTarget, Target } from '../../model/scenario.ts';
import type { Context } from '../context.ts';

export function targetNamed(id: string, { plan }: Context): Target {
  const target = plan.targets.find((one) => one.id === id);
  if (!target) throw new Error(`there is no target ${id}`);
  return target;
}

export function hostNamed(id: string, context: Context): HostTarget {
  const target = targetNamed(id, context);
  if (target.kind !== 'host') throw new Error(`${id} is no host`);
  return target;
}

/** The network that a host is, or that a process has to itself. */
export function networkOf(id: string, context: Context): { namespace?: Namespace } {
  const target = targetNamed(id, context);
  if (target.kind === 'process') return { namespace: { holder: context.isolations.holderOf(id) } };
  const { namespace } = hostNamed(id, context);
  return namespace === undefined ? {} : { namespace };
}
