import { milliseconds, seconds } from '../../../src/model/duration.ts';
import type { Scenario, StartRule, Step, Target } from '../../../src/model/scenario.ts';

/*
 * A small language for timelines, so that a test shows nothing but what it is about. `at` and `after` are written
 * around a step; ids are always given.
 */

/** A scenario with this timeline. Each step's place is line 10 times its path's numbers, so that places tell steps apart. */
export function scenario(timeline: Step[], about: Partial<Scenario> = {}): Scenario {
  const places: Scenario['places'] = { file: 'game-day.yaml', values: Object.create(null), keys: Object.create(null) };
  let line = 10;
  const waiting = timeline.map((step, index) => ({ step, path: `/timeline/${index}` })).reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { step, path } = next;
    step.path = path;
    line += 1;
    places.values[path] = { line, column: 5, length: 1 };
    if (step.start.rule === 'after') places.values[`${path}/after`] = { line, column: 20, length: 5 };
    if ('steps' in step)
      waiting.push(...step.steps.map((one, index) => ({ step: one, path: `${path}/${step.kind}/${index}` })).reverse());
  }
  return {
    name: 'A game day',
    tags: [],
    parameters: {},
    targets: [process('app'), process('db'), proxy('link')],
    steadyState: [],
    baseline: seconds(3),
    recovery: seconds(30),
    timeline,
    objectives: [],
    control: false,
    groups: [],
    recovered: { steadyState: true },
    checklist: [],
    safety: { blastRadius: {}, abortWhen: [], allow: [], environments: [] },
    places,
    ...about,
  };
}

export const process = (id: string, needs: string[] = []): Target => ({
  id,
  path: `/targets/${id}`,
  needs,
  kind: 'process',
  command: ['node', 'app.js'],
  env: {},
  stop: { signal: 'SIGTERM', grace: seconds(10) },
});

export const proxy = (id: string): Target => ({
  id,
  path: `/targets/${id}`,
  needs: [],
  kind: 'proxy',
  listen: '127.0.0.1:7001',
  upstream: '127.0.0.1:7000',
  protocol: 'tcp',
});

export const host = (id: string): Target => ({ id, path: `/targets/${id}`, needs: [], kind: 'host' });

const base = (id: string) => ({ id, path: '', start: { rule: 'previous' } as StartRule });

export const pause = (id: string, forSeconds: number): Step => ({
  ...base(id),
  kind: 'pause',
  for: seconds(forSeconds),
});

/** A held injection, of which a target bears only one at a time; without seconds it is open-ended. */
export const hang = (id: string, forSeconds?: number, target = 'app'): Step => ({
  ...base(id),
  kind: 'inject',
  fault: 'process-pause',
  target,
  with: { tree: true },
  ...(forSeconds === undefined ? {} : { for: seconds(forSeconds) }),
});

/** For five seconds, how an interface of the machine sends. */
export const queue = (id: string, fault: string, device: string): Step => ({
  ...base(id),
  kind: 'inject',
  fault,
  target: 'machine',
  with: { rate: 1000, latency: milliseconds(100), jitter: milliseconds(0), interface: device },
  for: seconds(5),
});

/** A held injection, of which there may be any number. */
export const command = (id: string, forSeconds?: number): Step => ({
  ...base(id),
  kind: 'inject',
  fault: 'command',
  with: { inject: ['true'], undo: ['true'], env: {}, timeout: seconds(30) },
  ...(forSeconds === undefined ? {} : { for: seconds(forSeconds) }),
});

export const kill = (id: string, target = 'app'): Step => ({
  ...base(id),
  kind: 'inject',
  fault: 'process-kill',
  target,
  with: { signal: 'SIGKILL', tree: true },
});

export const healthy = (id: string, withinSeconds: number): Step => ({
  ...base(id),
  kind: 'await',
  condition: { steadyState: true },
  within: seconds(withinSeconds),
});

export const sequence = (id: string, ...steps: Step[]): Step => ({ ...base(id), kind: 'sequence', steps });
export const parallel = (id: string, ...steps: Step[]): Step => ({ ...base(id), kind: 'parallel', steps });

export const at = (offsetSeconds: number, step: Step): Step => ({
  ...step,
  start: { rule: 'at', offset: seconds(offsetSeconds) },
});

/** `b`, `b started` or `b ended`; several of them, too. */
export const after = (what: string | string[], step: Step, delayMs = 0): Step => ({
  ...step,
  start: {
    rule: 'after',
    steps: [what].flat().map((text) => {
      const [on, event = 'default'] = text.split(' ') as [string, 'started' | 'ended' | undefined];
      return { step: on, event };
    }),
    delay: milliseconds(delayMs),
  },
});
