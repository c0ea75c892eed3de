import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkDelay } from '../../src/injectors/network-delay/index.ts';
import { networkLoss } from '../../src/injectors/network-loss/index.ts';
import { parseScenario } from '../../src/parser/parse.ts';
import { compilePlan } from '../../src/planner/compile.ts';
import { draw } from '../../src/planner/draw.ts';

describe('what is left to chance', () => {
  it('is drawn from the seed and the step: the same again, within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ minLength: 1 }), (seed, step) => {
        const { latency } = draw(networkDelay, {}, seed, step) as { latency: number };
        expect(latency).toBeGreaterThanOrEqual(100);
        expect(latency).toBeLessThanOrEqual(1000);
        expect(draw(networkDelay, {}, seed, step)).toEqual({ latency });
        const { rate } = draw(networkLoss, {}, seed, step) as { rate: number };
        expect(rate).toBeGreaterThanOrEqual(0.05);
        expect(rate).toBeLessThanOrEqual(0.3);
      }),
    );
    const many = new Set(Array.from({ length: 50 }, (_, seed) => draw(networkDelay, {}, seed, 'slow').latency));
    expect(many.size).toBeGreaterThan(20);
  });

  it('is not touched when the author gave it', () => {
    expect(draw(networkDelay, { latency: 5 }, 1, 'slow')).toEqual({ latency: 5 });
  });

  it('can be read in the plan before it happens, and is what the injection does', () => {
    const text = `version: 1
name: Test
targets: { link: { proxy: { listen: "127.0.0.1:1", upstream: "127.0.0.1:2" } } }
timeline: [{ id: slow, inject: network-delay, target: link, for: 1s }]
`;
    const { scenario } = parseScenario(text, { file: 'x.yaml' });
    const [step] = compilePlan(scenario!, { seed: 7 }).plan!.steps;
    expect(step!.title).toMatch(/^network-delay on link for 1s \(drawn: latency [0-9]+ms\)$/);
    const action = step!.action as unknown as { with: { latency: number }; inject: object[] };
    expect(step!.title).toContain(`${action.with.latency}ms`);
    expect(action.inject).toMatchObject([{ fault: { settings: { latencyMs: action.with.latency } } }]);
  });

  it('while the fault is in force is drawn from the seed of the run, too: another one draws otherwise', () => {
    const text = `version: 1
name: Test
targets: { link: { proxy: { listen: "127.0.0.1:1", upstream: "127.0.0.1:2" } } }
timeline: [{ id: slow, inject: network-delay, target: link, with: { latency: 5ms, jitter: 2ms }, for: 1s }]
`;
    const { scenario } = parseScenario(text, { file: 'x.yaml' });
    const injected = (seed: number) => JSON.stringify(compilePlan(scenario!, { seed }).plan!.steps[0]!.action);
    expect(injected(7)).toBe(injected(7));
    expect(injected(8)).not.toBe(injected(7));
  });
});
