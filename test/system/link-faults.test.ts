import { describe, it } from 'vitest';
import { GameDay } from './support/game-day.ts';

const scenario = (step: string): string => `version: 1
name: Link
parameters:
  port: { type: port, default: auto }
  linkPort: { type: port, default: auto }
targets:
  hello:
    process:
      command: [node, demo/hello/server.js]
      env: { PORT: "\${port}" }
      ready: { http: "http://127.0.0.1:\${port}/" }
  link: { proxy: { listen: "127.0.0.1:\${linkPort}", upstream: "127.0.0.1:\${port}" } }
steadyState:
  - { id: answers, http: "http://127.0.0.1:\${linkPort}/", every: 20ms, timeout: 300ms }
baseline: 300ms
timeline:
  - { id: harm, target: link, ${step} }
  - { await: steady-state, within: 10s }
`;

/** What is done to the link, and what the probe says of it: undefined where it need not notice. */
const faults: [string, RegExp | undefined][] = [
  ['inject: network-partition', /no answer within 300ms/],
  ['inject: network-partition, with: { mode: reject }', /reset|closed/],
  ['inject: connection-reset', /reset|closed/],
  ['inject: network-loss, with: { rate: 30%, direction: downstream }', undefined],
  ['inject: network-bandwidth, with: { rate: 20kbit/s }', undefined],
];

describe.concurrent('a link', { timeout: 60_000 }, () => {
  it.each(faults)('under %s is harmed, seen to be, and well afterwards', async (step, noticed) => {
    const { expect } = await import('vitest');
    const day = new GameDay(scenario(`${step}, for: 1s`));
    expect(await day.end(), day.stderr).toBe(0);
    const { injections, outages } = day.report();
    expect(injections[0]).toMatchObject({ state: 'undone', gone: true, effect: { seen: 'seen' } });
    if (noticed) expect(JSON.stringify(outages)).toMatch(noticed);
  });

  it.each(faults)('under %s is closed when the runner is killed', async (step) => {
    const { expect } = await import('vitest');
    const day = new GameDay(scenario(`${step}, for: 60s`));
    await day.until('injection-in-force');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
  });
});
