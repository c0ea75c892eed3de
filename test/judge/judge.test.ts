import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { GameDay } from '../system/support/game-day.ts';

/*
 * Is the judge right? Small systems, each with a known defect, and the verdict that it must get under the same game day.
 */

interface System {
  defect: string;
  what: string;
  verdict: Report['verdict'];
  /** What has to stand among the reasons. */
  because?: RegExp;
  /** Takes the place of the kill. */
  steps?: string;
  objectives?: string;
  /** Further members of the hypothesis. */
  probes?: string;
  /** What its ledger asks for besides. */
  ledger?: string;
}

const register = `  - id: leader
    every: 20ms
    timeout: 500ms
    register:
      write: { http: { method: PUT, url: "http://127.0.0.1:\${port}/leader/\${value}" } }
      read: { http: { url: "http://127.0.0.1:\${port}/leader" }, value: $.value }
`;
const systems: System[] = [
  { defect: 'none', what: 'is healthy', verdict: 'passed' },
  { defect: 'loses-writes', what: 'loses writes that it acknowledged', verdict: 'failed', because: /lost [0-9]+ of/ },
  {
    defect: 'duplicates',
    what: 'writes twice on a retry',
    verdict: 'failed',
    because: /kept [0-9]+ writes? more than once/,
  },
  {
    defect: 'recovers-late',
    what: 'recovers late',
    verdict: 'failed',
    because: /recovery time of crash < 2s: [3-9]/, // three seconds, and what it takes to come up
  },
  {
    defect: 'serves-stale',
    what: 'shows what it acknowledged only later',
    verdict: 'failed',
    because: /showed [0-9]+ acknowledged writes? too late/,
    ledger: 'every: 300ms',
  },
  {
    defect: 'replica-behind',
    what: 'shows a value that was overwritten',
    verdict: 'failed',
    because: /leader broke its promise [0-9]+ times?: read ([0-9]+|nothing) at/,
    steps: '  - pause: 1s\n',
    probes: register,
  },
  {
    defect: 'none',
    what: 'shows the value that was written last',
    verdict: 'passed',
    steps: '  - pause: 1s\n',
    probes: register,
  },
  {
    defect: 'reorders',
    what: 'mixes up the order of what it keeps',
    verdict: 'failed',
    because: /kept [0-9]+ writes? out of order/,
    ledger: 'ordered: true',
  },
  {
    defect: 'none',
    what: 'keeps the order and shows all at once',
    verdict: 'passed',
    ledger: 'every: 300ms, ordered: true',
  },
  { defect: 'recovers-partly', what: 'recovers only in part', verdict: 'failed', because: /orders-kept/ },
  { defect: 'flaps', what: 'flaps', verdict: 'failed', because: /recovery time of crash/ },
  {
    defect: 'cascades',
    what: 'makes its neighbour fail',
    verdict: 'failed',
    because: /availability of page = 100%/,
    objectives: '  - { availability: "100%", of: page }\n',
  },
  {
    defect: 'none',
    what: 'does not make its neighbour fail',
    verdict: 'passed',
    objectives: '  - { availability: "100%", of: page }\n',
  },
  { defect: 'lying', what: 'answers 200 with an error in it', verdict: 'failed', because: /healthy/ },
  {
    defect: 'none',
    what: 'is healthy, and was never touched by the fault',
    verdict: 'inconclusive',
    because: /the effect of slow was not seen/,
    steps: '  - { id: slow, inject: network-delay, target: unused, with: { latency: 100ms }, for: 300ms }\n',
  },
  {
    defect: 'unhealthy',
    what: 'is unhealthy from the start',
    verdict: 'inconclusive',
    because: /the baseline did not hold/,
  },
  {
    defect: 'slow',
    what: 'is so slow that there are too few answers',
    verdict: 'inconclusive',
    because: /p99 takes 100 good answers/,
    steps: '  - pause: 500ms\n',
    objectives: '  - { p99: "< 100ms", of: healthy }\n',
  },
];

const kill = `  - { id: crash, inject: process-kill, target: orders }
  - { id: back, await: steady-state, within: 6s }
  # What fails again later has not recovered.
  - pause: 2500ms
`;
const recovery = '  - { recoveryTime: "< 2s", of: crash }\n';
const server = join(import.meta.dirname, 'system.js');

const gameDay = ({ defect, steps = kill, objectives = '', ledger, probes = '' }: System): string => `version: 1
name: The judge is judged
parameters:
  port: { type: port, default: auto }
  pagePort: { type: port, default: auto }
  linkPort: { type: port, default: auto }
  state: { type: string }
targets:
  orders:
    process:
      command: [node, "${server}"]
      env: { PORT: "\${port}", DEFECT: ${defect}, STATE: "\${state}" }
      ready: { tcp: "127.0.0.1:\${port}" }
      restart: { delay: 300ms }
  page:
    process:
      command: [node, "${server}"]
      env: { PORT: "\${pagePort}", DEFECT: ${defect === 'cascades' ? defect : 'none'}, STATE: "\${state}-page", UPSTREAM: "http://127.0.0.1:\${port}" }
      ready: { tcp: "127.0.0.1:\${pagePort}" }
  unused: { proxy: { listen: "127.0.0.1:\${linkPort}", upstream: "127.0.0.1:\${port}" } }
steadyState:
  - { id: healthy, http: "http://127.0.0.1:\${port}/health", every: 40ms, timeout: 500ms, expect: { json: { "$.ok": true } } }
  - { id: page, http: "http://127.0.0.1:\${pagePort}/page", every: 40ms, timeout: 500ms }
  - id: orders-kept
    every: 50ms
    timeout: 500ms
    ledger:
      write: { http: { method: PUT, url: "http://127.0.0.1:\${port}/orders/\${entry}" } }
      read: { http: { url: "http://127.0.0.1:\${port}/orders" }, ids: "$[*].id"${ledger === undefined ? '' : `, ${ledger}`} }
${probes}baseline: 500ms
recovery: 6s
timeline:
${steps}${steps === kill || objectives !== '' ? 'objectives:\n' : ''}${steps === kill ? recovery : ''}${objectives}`;

const states = mkdtempSync(join(tmpdir(), 'chaos-judge-'));
afterAll(() => rmSync(states, { recursive: true }));

let right = 0;

describe.concurrent('a system that', { timeout: 60_000 }, () => {
  it.for(systems)('$what: $verdict', async (system, context) => {
    const day = new GameDay(gameDay(system), {
      argv: ['--set', `state=${join(states, context.task.id)}`],
    });
    await day.end();
    const { verdict, reasons } = day.report();
    context.expect(verdict, day.stderr).toBe(system.verdict);
    context.expect(reasons.join('; ')).toMatch(system.because ?? /^$/);
    context.expect(day.leftovers()).toEqual([]);
    right += 1;
  });
});

it(`of ${systems.length} systems each gets its verdict`, () => {
  expect(right).toBe(systems.length);
});
