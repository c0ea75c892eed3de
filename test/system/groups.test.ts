import { describe, it } from 'vitest';
import { GameDay } from './support/game-day.ts';

const scenario = (pick: string, rest: string): string => `version: 1
name: Groups
targets:
  a: { process: { command: [sleep, "100"] } }
  b: { process: { command: [sleep, "100"] } }
  c: { process: { command: [sleep, "100"] } }
  workers: { group: { of: [a, b, c], pick: ${pick} } }
${rest}
`;

const paused = (day: GameDay) =>
  day.report().injections.map(({ step, target, state, effect }) => ({ step, target, state, seen: effect.seen }));

describe.concurrent('a fault on a group', { timeout: 60_000 }, () => {
  it('takes as many as were asked for, drawn from the seed, side by side', async ({ expect }) => {
    const timeline = `timeline:
  - { id: hang, inject: process-pause, target: workers, for: 500ms }
  - { id: meanwhile, after: { step: hang, event: started }, run: ["true"] }
  - { id: then, after: hang, run: ["true"] }`;
    const [one, again] = await Promise.all(
      ['7', '7'].map(async (seed) => {
        const day = new GameDay(scenario('2', timeline), { argv: ['--seed', seed] });
        expect(await day.end(), day.stderr).toBe(0);
        return day;
      }),
    );
    const struck = paused(one!);
    expect(struck).toHaveLength(2);
    for (const { step, target, state, seen } of struck)
      expect({ step, state, seen }).toEqual({ step: `hang@${target}`, state: 'undone', seen: 'seen' });
    expect(paused(again!)).toEqual(struck);
    const { steps, injections } = one!.report();
    const times = injections.map(({ actual }) => actual);
    const meanwhile = steps.find(({ id }) => id === 'meanwhile')!;
    const then = steps.find(({ id }) => id === 'then')!;
    for (const { inForceMs, endMs } of times) {
      expect(meanwhile.startMs).toBeGreaterThanOrEqual(inForceMs!);
      expect(meanwhile.startMs).toBeLessThan(endMs!);
      expect(then.startMs).toBeGreaterThanOrEqual(endMs!);
    }
  });

  it('of which one is picked is a plain injection', async ({ expect }) => {
    const day = new GameDay(scenario('one', 'timeline:\n  - { id: hang, inject: process-pause, target: workers }'));
    expect(await day.end(), day.stderr).toBe(0);
    expect(paused(day)).toMatchObject([{ step: 'hang', state: 'undone' }]);
  });

  it('is refused at the moment when, with what is in force, too large a share would be harmed', async ({ expect }) => {
    const day = new GameDay(
      scenario(
        'one',
        `safety: { blastRadius: { share: 40% } }
timeline:
  - { id: first, inject: process-pause, target: a }
  - { id: second, inject: process-pause, target: b }`,
      ),
    );
    expect(await day.end(), day.stderr).toBe(3);
    expect(day.report().reasons[0]).toContain('2 of 3 of workers at once, allowed are 40%');
    expect(day.leftovers()).toEqual([]);
  });
});
