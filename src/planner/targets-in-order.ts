import type { Target } from '../model/scenario.ts';

/** The targets in the order in which they start: as in the file, but what is needed stands before what needs it. */
export function targetsInOrder(targets: Target[]): Target[] {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const ordered = new Set<Target>();
  const entered = new Set<Target>();
  for (const first of targets) {
    const path = [first];
    for (let target = path.at(-1); target; target = path.at(-1)) {
      entered.add(target);
      // What was entered before and is not in order yet needs, in a circle, what is looked at: the parser refuses that.
      const next = target.needs.map((id) => byId.get(id)).find((need) => need && !entered.has(need));
      if (next) path.push(next);
      else ordered.add(path.pop()!);
    }
  }
  return [...ordered];
}
