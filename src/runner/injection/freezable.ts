import { freezerOf, isFrozen, membersOf } from '../../host/freezer.ts';
import { isEnding } from '../../host/processes.ts';
import type { FrozenGroup, ProcessIdentity } from '../../model/operation.ts';
import type { Protection } from '../../model/scenario.ts';
import { family } from './find.ts';
import { protectedAmong, refusalOf } from './protected.ts';

/**
 * The control groups that hold these processes and their descendants, and all that is in them.
 * @param allowed as it stands in `safety.allow`
 * @throws with one line when one is in no group apart from ours, stands still already, or shares it with what is protected
 */
export function freezable(
  target: string,
  roots: ProcessIdentity[],
  allowed: Protection[],
): { groups: FrozenGroup[]; processes: ProcessIdentity[] } {
  const groups = new Map<string, FrozenGroup>();
  for (const process of family(roots, true)) {
    const group = freezerOf(process.pid);
    if (group) groups.set(group.directory, group);
    else if (!isEnding(process))
      throw new Error(`${target}: pid ${process.pid} is in no control group of its own that could be frozen`);
  }
  const still = [...groups.values()].find(isFrozen);
  if (still) throw new Error(`${target}: the control group ${still.directory} is frozen already`);
  const processes = [...groups.keys()].flatMap(membersOf);
  const found = protectedAmong(processes, allowed);
  if (found) throw new Error(`${target}: in its control group, ${refusalOf(found)}`);
  return { groups: [...groups.values()], processes };
}
