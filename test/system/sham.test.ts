import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { GameDay, hello } from './support/game-day.ts';

const timeline = `timeline:
  - { id: hang, inject: process-pause, target: hello, for: 700ms }
  - { id: settled, await: steady-state, within: 10s }
objectives:
  - { availability: "100%", of: answers }
  - { recoveryTime: "< 30s", of: hang }
`;

describe.concurrent('a sham run', { timeout: 60_000 }, () => {
  it('goes through the same steps and harms nothing', async ({ expect }) => {
    const day = new GameDay(hello(timeline), { argv: ['--sham'] });
    expect(await day.end(), day.stderr).toBe(0);
    const { isSham, verdict, injections, objectives, durationMs } = day.report();
    expect({ isSham, verdict }).toEqual({ isSham: true, verdict: 'passed' });
    expect(injections).toMatchObject([
      { state: 'undone', inject: [], undo: [], effect: { summary: 'left out: this is a sham run' } },
    ]);
    expect(objectives.map(({ outcome }) => outcome)).toEqual(['passed', 'passed']);
    expect(durationMs).toBeGreaterThan(700); // the fault's time is waited out
    expect(day.stderr).toContain('every fault is left out');
  });
});

describe.concurrent('a scenario with a control run', { timeout: 60_000 }, () => {
  it('is run without its faults first, and the report sets both side by side', async ({ expect }) => {
    const day = new GameDay(hello(`control: true\n${timeline}`));
    expect(await day.end(), day.stderr).toBe(1);
    const { control, objectives } = day.report();
    expect(control).toMatchObject({ verdict: 'passed', probes: [{ id: 'answers', availability: 1 }] });
    expect(control!.objectives[0]).toMatchObject({ outcome: 'passed', measuredText: '100%' });
    expect(objectives[0]!.outcome).toBe('failed');
    expect(day.stderr).toContain('Beside the control run');
    const own = JSON.parse(readFileSync(join(day.output, 'control', 'report.json'), 'utf8')) as Report;
    expect(own).toMatchObject({ isSham: true, run: control!.run });
    expect(day.leftovers()).toEqual([]);
  });

  it('harms nothing where that does not pass', async ({ expect }) => {
    // The service breaks by itself.
    const flaky = hello(`control: true
timeline:
  - { id: hang, inject: process-pause, target: hello, for: 100ms }
  - { assert: { tcp: "127.0.0.1:1" } }
`);
    const day = new GameDay(flaky);
    expect(await day.end(), day.stderr).toBe(4);
    const { verdict, reasons, injections } = day.report();
    expect(verdict).toBe('inconclusive');
    expect(reasons[0]).toContain('the control run, the same without its faults, did not pass');
    expect(injections[0]!.state).toBe('not-begun');
    expect(existsSync(join(day.output, 'control', 'junit.xml'))).toBe(true);
  });

  it('ends with both when it is interrupted in the first', async ({ expect }) => {
    const day = new GameDay(hello(`control: true\n${timeline}`));
    for (; !day.stderr.includes('baseline'); ) await new Promise((resolve) => setTimeout(resolve, 5));
    day.signal('SIGINT');
    expect(await day.end(), day.stderr).toBe(3);
    expect(day.leftovers()).toEqual([]);
  });
});
