import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seconds } from '../../src/model/duration.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Step } from '../../src/model/scenario.ts';
import { compilePlan } from '../../src/planner/compile.ts';
import { after, at, command, healthy, kill, parallel, pause, scenario, sequence } from './support/scenario.ts';
import { simulate } from './support/simulate.ts';

/*
 * Random timelines are compiled, and what the plan says of them is compared with imagined runs, which take the plan at
 * its word and know nothing of how it was made.
 */

test('whatever happens, each step starts and ends within its expected times', () => {
  fc.assert(
    fc.property(timelines, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (timeline, chance) => {
      const plan = compiled(timeline);
      if (!plan) return;
      const { start, end } = simulate(plan, () => chance.next().value);
      for (const { id, expected } of plan.steps) {
        expect(start.get(id)).toBeGreaterThanOrEqual(expected.earliestStartMs);
        expect(start.get(id)).toBeLessThanOrEqual(expected.latestStartMs ?? Number.POSITIVE_INFINITY);
        expect(end.get(id)).toBeGreaterThanOrEqual(expected.earliestEndMs);
        expect(end.get(id)).toBeLessThanOrEqual(expected.latestEndMs ?? Number.POSITIVE_INFINITY);
      }
    }),
    { numRuns: 500 },
  );
});

test('a plan that is refused for its blast radius exceeds it in every run, so no alarm is false', () => {
  let refused = 0;
  fc.assert(
    fc.property(
      timelines,
      fc.record({
        concurrentFaults: fc.integer({ min: 1, max: 3 }),
        duration: fc.integer({ min: 1, max: 20 }).map(seconds),
      }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (timeline, limits, chance) => {
        const plan = compiled(timeline);
        if (!plan) return;
        const safety = { blastRadius: limits, abortWhen: [], allow: [], environments: [] };
        const { diagnostics } = compilePlan(scenario(timeline, { safety }), { seed: 7 });
        const { mostAtOnce, underFaultMs } = simulate(plan, () => chance.next().value);
        for (const { message, severity } of diagnostics) {
          if (severity === 'warning') continue;
          refused += 1;
          if (message.includes('at the same time')) expect(mostAtOnce).toBeGreaterThan(limits.concurrentFaults);
          else expect(underFaultMs).toBeGreaterThan(limits.duration);
        }
      },
    ),
    { numRuns: 1000 },
  );
  expect(refused).toBeGreaterThan(100);
});

test('a timeline either compiles or is told to be a circle, and then no run of it could end', () => {
  fc.assert(
    fc.property(timelines, (timeline) => {
      const { plan, diagnostics } = compilePlan(scenario(timeline), { seed: 7 });
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      if (plan) expect(errors).toEqual([]);
      else expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['cycle']));
    }),
    { numRuns: 500 },
  );
});

const compiled = (timeline: Step[]): Plan | undefined => compilePlan(scenario(timeline), { seed: 7 }).plan;

/** Trees of steps named s0, s1, … in some order, some of which refer to others, which may close a circle. */
const timelines: fc.Arbitrary<Step[]> = fc
  .letrec<{ step: Step; group: Step[] }>((tie) => ({
    step: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf(),
      fc
        .tuple(fc.constantFrom(sequence, parallel), tie('group'), startRule())
        .map(([group, steps, rule]) => rule(group('', ...steps))),
    ),
    group: fc.array(tie('step'), { minLength: 0, maxLength: 4 }),
  }))
  .group.map(named);

function leaf(): fc.Arbitrary<Step> {
  const length = fc.integer({ min: 0, max: 9 });
  const step = fc.oneof(
    length.map((s) => pause('', s)),
    length.map((s) => healthy('', s)),
    length.map((s) => command('', s)),
    fc.constant(command('')),
    fc.constant(kill('')),
  );
  return fc.tuple(step, startRule()).map(([one, rule]) => rule(one));
}

function startRule(): fc.Arbitrary<(step: Step) => Step> {
  const event = fc.constantFrom('', ' started', ' ended');
  const on = fc.tuple(fc.integer({ min: 0, max: 6 }), event).map(([index, name]) => `s${index}${name}`);
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant((step: Step) => step) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 }).map((offset) => (step: Step) => at(offset, step)) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.array(on, { minLength: 1, maxLength: 2 }), fc.integer({ min: 0, max: 3000 })).map(
        ([names, delay]) =>
          (step: Step) =>
            after(names, step, delay),
      ),
    },
  );
}

/** Gives the steps their names; what would wait for a step that is not there waits for the step before it instead. */
function named(timeline: Step[]): Step[] {
  let count = 0;
  const number = (steps: Step[]): Step[] =>
    steps.map((step) => {
      const id = `s${count++}`;
      return 'steps' in step ? { ...step, id, steps: number(step.steps) } : { ...step, id };
    });
  const steps = number(timeline);
  const exists = (id: string) => Number(id.slice(1)) < count;
  const cut = (list: Step[]): Step[] =>
    list.map((step) => {
      const start =
        step.start.rule === 'after' && !step.start.steps.every((on) => exists(on.step))
          ? ({ rule: 'previous' } as const)
          : step.start;
      return 'steps' in step ? { ...step, start, steps: cut(step.steps) } : { ...step, start };
    });
  return cut(steps);
}
