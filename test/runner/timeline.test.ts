import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/model/duration.ts';
import type { RunEventBody } from '../../src/model/event.ts';
import type { Step } from '../../src/model/scenario.ts';
import { compilePlan } from '../../src/planner/compile.ts';
import type { Context } from '../../src/runner/context.ts';
import { InForce } from '../../src/runner/injection/in-force.ts';
import { RunAborted } from '../../src/runner/stopping.ts';
import { runTimeline } from '../../src/runner/timeline/run-timeline.ts';
import { Health } from '../../src/sampler/health.ts';
import { scenario } from '../planner/support/scenario.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const base = (id: string, start: Step['start'] = { rule: 'previous' }) => ({ id, path: '', start });
const pause = (id: string, ms: number, start?: Step['start']): Step => ({
  ...base(id, start),
  kind: 'pause',
  for: milliseconds(ms),
});
const group = (kind: 'parallel' | 'sequence', id: string, steps: Step[], start?: Step['start']): Step => ({
  ...base(id, start),
  kind,
  steps,
});

/** Runs a timeline in virtual time. @returns when each step started and ended */
async function run(timeline: Step[], { abortAtMs }: { abortAtMs?: number } = {}) {
  const { plan, diagnostics } = compilePlan(scenario(timeline), { seed: 1 });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  const clock = new VirtualClock();
  const events: (RunEventBody & { atMs: number })[] = [];
  const aborting = new AbortController();
  if (abortAtMs !== undefined) void clock.sleepUntil(abortAtMs).then(() => aborting.abort(new RunAborted('enough')));
  const outcome = await runTimeline({
    run: 'test',
    plan,
    clock,
    emit: (body: RunEventBody) => events.push({ ...body, atMs: clock.now() }),
    health: new Health([]),
    inForce: new InForce({}, [], clock, () => undefined),
    aborted: aborting.signal,
    failed: (defect: unknown) => aborting.abort(defect),
  } as unknown as Context);
  const at = (type: 'step-started' | 'step-ended', id: string) =>
    events.find((event) => event.type === type && event.step === id)?.atMs;
  return {
    outcome,
    events,
    started: (id: string) => at('step-started', id),
    ended: (id: string) => at('step-ended', id),
  };
}

describe('the timeline', () => {
  it('runs a day of steps at their times', async () => {
    const hours = (count: number) => seconds(3600 * count);
    const { started, ended, outcome } = await run([
      pause('morning', hours(6)),
      pause('noon', hours(1), { rule: 'at', offset: hours(12) }),
      pause('evening', hours(2), { rule: 'after', steps: [{ step: 'noon', event: 'ended' }], delay: hours(9) }),
    ]);
    expect(outcome).toEqual({ outcome: 'passed' });
    expect(ended('morning')).toBe(hours(6));
    expect(started('noon')).toBe(hours(12));
    expect(started('evening')).toBe(hours(22));
    expect(ended('evening')).toBe(hours(24));
  });

  it('does not let delays add up: the thousandth pause starts as exactly as the first', async () => {
    const steps = Array.from({ length: 1000 }, (_, index) => pause(`p${index}`, 500));
    const { started } = await run(steps);
    expect(started('p999')).toBe(999 * 500);
  });

  it('runs the members of a parallel group at once, and goes on when the last has ended', async () => {
    const { started, ended } = await run([
      group('parallel', 'both', [pause('short', 10), pause('long', 30)]),
      pause('next', 5),
    ]);
    expect([started('short'), started('long')]).toEqual([0, 0]);
    expect(ended('both')).toBe(30);
    expect(started('next')).toBe(30);
  });

  it('runs sequences within parallel groups each at its own pace', async () => {
    const { started } = await run([
      group('parallel', 'all', [
        group('sequence', 'left', [pause('l1', 10), pause('l2', 10)]),
        group('sequence', 'right', [pause('r1', 25), pause('r2', 1)]),
      ]),
      pause('next', 1),
    ]);
    expect(started('l2')).toBe(10);
    expect(started('r2')).toBe(25);
    expect(started('next')).toBe(26);
  });

  it('ends an empty group at once', async () => {
    const { ended } = await run([group('parallel', 'none', []), pause('next', 1)]);
    expect(ended('none')).toBe(0);
    expect(ended('next')).toBe(1);
  });

  it('does not begin what is left when the run is aborted, and says so of each step', async () => {
    const { events, outcome } = await run([pause('first', 100), pause('second', 100)], { abortAtMs: 50 });
    expect(outcome.outcome).toBe('unknown');
    expect(events.filter(({ type }) => type === 'step-ended')).toMatchObject([
      { step: 'first', outcome: 'skipped', message: 'enough' },
      { step: 'second', outcome: 'skipped', message: 'enough' },
    ]);
    expect(events.at(-1)?.atMs).toBe(50);
  });

  it('tells the end of a group that was aborted in the middle', async () => {
    const { events } = await run([group('sequence', 'outer', [pause('first', 100), pause('second', 100)])], {
      abortAtMs: 50,
    });
    expect(
      events
        .filter((event) => event.type === 'step-ended')
        .map((event) => event.step)
        .sort(),
    ).toEqual(['first', 'outer', 'second']);
  });
});
