import type { Diagnostic } from '../../model/diagnostic.ts';
import type { TargetGroup } from '../../model/scenario.ts';
import { type FlatStep, isGroup } from '../flatten.ts';
import { exceeded } from './exceeded.ts';
import type { Timeline } from './timeline.ts';

/** Refuses a step that harms too large a share of a group at once. What several steps come to is seen when they begin. */
export function tooLargeAShare(timeline: Timeline): Diagnostic[] {
  const { limits, groups, steps } = timeline;
  const { share } = limits;
  if (share === undefined) return [];
  return steps.flatMap((flat) =>
    groups.flatMap((group) => {
      const harmed = harmedAtOnce(flat, group);
      if (harmed <= share * group.members.length) return [];
      const message = `"${flat.step.id}" harms ${harmed} of ${group.members.length} of "${group.id}" at once`;
      return [
        exceeded('share', `${Number((share * 100).toFixed(2))}%`, flat, { message, hint: 'pick fewer' }, timeline),
      ];
    }),
  );
}

/** How many of the group a step harms; of a step into the group itself, its members do that side by side. */
function harmedAtOnce(flat: FlatStep, { members }: TargetGroup): number {
  if (flat.step.kind === 'inject')
    // Told of the step that they are all in.
    return flat.parent?.step.path === flat.step.path || !members.includes(flat.step.target ?? '') ? 0 : 1;
  if (!isGroup(flat) || flat.step.kind !== 'parallel') return 0;
  const own = flat.step.steps.filter(({ path }) => path === flat.step.path);
  return own.filter((step) => step.kind === 'inject' && members.includes(step.target ?? '')).length;
}
