import { chance } from '../model/chance.ts';
import type { InjectStep, Objective, Scenario, Step, TargetGroup } from '../model/scenario.ts';

/**
 * The scenario with each injection into a group made one of those members that were drawn: of several, side by side. The
 * same seed and step draw the same.
 */
export function drawMembers(scenario: Scenario, seed: number): Scenario {
  const groups = new Map(scenario.groups.map((group) => [group.id, group]));
  if (groups.size === 0) return scenario;
  /** Of a step on a group, the steps that it became. */
  const drawn = new Map<string, string[]>();
  const timeline = scenario.timeline.map((step) => withMembers(step, { groups, seed, drawn }));
  return {
    ...scenario,
    timeline: timeline.map((step) => waitingFor(step, drawn)),
    objectives: scenario.objectives.map((objective) => ofMember(objective, drawn)),
  };
}

interface Draw {
  groups: ReadonlyMap<string, TargetGroup>;
  seed: number;
  drawn: Map<string, string[]>;
}

function withMembers(step: Step, draw: Draw): Step {
  if ('steps' in step) return { ...step, steps: step.steps.map((one) => withMembers(one, draw)) };
  if (step.kind !== 'inject') return step;
  const group = step.target === undefined ? undefined : draw.groups.get(step.target);
  if (!group) return step;
  const [only, ...more] = membersFor(step, group, draw.seed);
  if (more.length === 0) return { ...step, target: only! };
  // No author can write such an id: it collides with none.
  const steps = [only!, ...more].map((target): InjectStep => {
    const { description: _, ...bare } = step;
    return { ...bare, id: `${step.id}@${target}`, target, start: { rule: 'previous' } };
  });
  draw.drawn.set(
    step.id,
    steps.map(({ id }) => id),
  );
  const { id, path, start, description } = step;
  return { id, path, start, ...(description === undefined ? {} : { description }), kind: 'parallel', steps };
}

/** In the order of the group. */
function membersFor({ id }: InjectStep, { members, pick }: TargetGroup, seed: number): string[] {
  const count = countOf(pick, members.length);
  const draw = chance(`${seed}/${id}/members`);
  const order = members.map((member) => ({ member, at: draw() })).sort((a, b) => a.at - b.at);
  const chosen = new Set(order.slice(0, count).map(({ member }) => member));
  return members.filter((member) => chosen.has(member));
}

function countOf(pick: TargetGroup['pick'], size: number): number {
  if (pick === 'one') return 1;
  if (pick === 'all') return size;
  return 'count' in pick ? pick.count : Math.max(1, Math.ceil(pick.share * size));
}

/** Who waits until a fault is in force on a group waits for all of its members. */
function waitingFor(step: Step, drawn: ReadonlyMap<string, string[]>): Step {
  const members = 'steps' in step ? { steps: step.steps.map((one) => waitingFor(one, drawn)) } : {};
  const { start } = step;
  if (start.rule !== 'after') return { ...step, ...members } as Step;
  const steps = start.steps.flatMap((one) => {
    const became = one.event === 'started' ? drawn.get(one.step) : undefined;
    return became ? became.map((id) => ({ ...one, step: id })) : [one];
  });
  return { ...step, ...members, start: { ...start, steps } } as Step;
}

/** Members are struck together, so what failed after one failed after all. */
function ofMember(objective: Objective, drawn: ReadonlyMap<string, string[]>): Objective {
  const became = 'step' in objective ? drawn.get(objective.step) : undefined;
  return became ? ({ ...objective, step: became[0]! } as Objective) : objective;
}
